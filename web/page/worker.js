'use strict';
// Examines cards and holds what is recovered. The page ends it to stop it, and whenever its work is done: what it
// held goes with it.

const files = [];
const reader = new FileReaderSync();
let recovery = null;
let toldAt = 0;
let memory = null;

// What was read ahead, where a file is read from its beginning to its end: a browser takes as long for little as
// for much.
const AHEAD = 16 << 20;
let ahead = { number: -1, offset: 0, bytes: new Uint8Array() };
let behind = { number: -1, offset: 0 };

function read(number, offset, length) {
  return new Uint8Array(reader.readAsArrayBuffer(files[number].slice(offset, offset + length)));
}

// A browser of the Chromium family keeps what was read until it collects what nobody needs, and while a search goes on
// it does so only if much seems to be in use. What is asked for here is never touched, so it takes no memory.
let pressed = null;
function press() {
  try {
    pressed = new ArrayBuffer(128 << 20);
  } catch {
    pressed = null; // then it collects by itself
  }
}

function forget() {
  ahead.bytes.fill(0);
  ahead = { number: -1, offset: 0, bytes: new Uint8Array() };
}

// Fills `buf`; false if not all of it can be read.
self.readAt = (number, offset, buf) => {
  const { length } = buf;
  // Pieces of a search overlap a little.
  const goesOn = behind.number === number && Math.abs(offset - behind.offset) <= 1 << 16;
  behind = { number, offset: offset + length };
  const within = offset - ahead.offset;
  if (ahead.number === number && within >= 0 && within + length <= ahead.bytes.length) {
    buf.set(ahead.bytes.subarray(within, within + length));
    return true;
  }
  try {
    if (goesOn && length >= 1 << 18) {
      forget();
      press();
      ahead = { number, offset, bytes: read(number, offset, Math.max(AHEAD, length)) };
      if (ahead.bytes.length >= length) buf.set(ahead.bytes.subarray(0, length));
      return ahead.bytes.length >= length;
    }
    const bytes = read(number, offset, length);
    if (bytes.length === length) buf.set(bytes);
    bytes.fill(0);
    return bytes.length === length;
  } catch {
    return false;
  }
};

self.tellProgress = (done, total) => {
  const now = performance.now();
  if (now - toldAt < 100) return;
  toldAt = now;
  postMessage({ told: 'progress', done, total });
};

// Keeps a file under a number, by which its bytes are asked for.
function numbered(file) {
  return files.push(file) - 1;
}

function given({ name, file, map }) {
  const one = new wasm_bindgen.Given(name, numbered(file), file.size, file.lastModified);
  if (map) {
    // No map is longer.
    const text = reader.readAsText(map.slice(0, 64 << 20));
    one.setMap(text);
  }
  return one;
}

function folderOf(pick) {
  const folder = new wasm_bindgen.Folder(pick.name);
  for (const { path, file } of pick.files) folder.add(path, numbered(file), file.size, file.lastModified);
  return folder;
}

// Every card among what was chosen: a folder or an archive of several stands for each of them.
function* cards(picks) {
  for (const pick of picks) yield* (pick.files ? folderOf(pick) : given(pick)).cards();
}

const work = {
  start({ program }) {
    memory = wasm_bindgen.initSync({ module: program }).memory;
    postMessage({ told: 'ready' });
  },

  // `skip` cards were examined before; `failed` names one that ended the worker before this one.
  examine({ picks, skip, failed }) {
    if (failed !== undefined) postMessage({ told: 'card', name: failed, json: wasm_bindgen.failed(failed) });
    let number = 0;
    for (const card of cards(picks)) {
      number += 1;
      if (number <= skip) continue;
      const name = card.name();
      postMessage({ told: 'begins', name });
      const json = card.examine();
      forget();
      postMessage({ told: 'card', name, json, memory: memory.buffer.byteLength });
    }
    postMessage({ told: 'end' });
  },

  render({ as, cards: all }) {
    const make = {
      shown: () => wasm_bindgen.report(all, true),
      report: () => wasm_bindgen.report(all, false),
      list: () => wasm_bindgen.listAnswer(all),
      audit: () => wasm_bindgen.auditAnswer(all),
    };
    postMessage({ told: 'text', as, text: make[as]() });
  },

  recover({ picks, only }) {
    recovery = new wasm_bindgen.Recovery();
    let number = 0;
    for (const card of cards(picks)) {
      if (only !== null && number++ !== only) continue;
      postMessage({ told: 'begins', name: card.name() });
      recovery.add(card);
    }
    forget();
    postMessage({ told: 'begins', name: '' });
    postMessage({ told: 'recovered', json: recovery.run() });
  },

  zip() {
    const bytes = recovery.zip();
    postMessage({ told: 'zip', bytes }, [bytes.buffer]);
  },

  words({ wallet }) {
    const bytes = recovery.words(wallet);
    postMessage({ told: 'words', bytes }, [bytes.buffer]);
  },
};

self.onmessage = ({ data }) => {
  try {
    work[data.do](data);
  } catch (error) {
    const isDefect = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    postMessage({ told: isDefect ? 'defect' : 'error', text: String(error) });
  }
};
