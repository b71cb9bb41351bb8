'use strict';
// Examines cards and holds what is recovered. The page ends it to stop it, and whenever its work is done.

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

// Hands bytes over to the page; whoever made them wipes them.
self.tellBytes = (told, bytes) => {
  const own = bytes.slice();
  postMessage({ told, bytes: own }, [own.buffer]);
};

// Keeps a file under a number, by which its bytes are asked for.
function numbered(file) {
  return files.push(file) - 1;
}

// The size of a file. Of one that it cannot read, a browser may say that it is empty: then it has a byte, which cannot be
// read either.
function sizeOf(file) {
  if (file.size > 0) return file.size;
  try {
    return reader.readAsArrayBuffer(file).byteLength;
  } catch {
    return 1;
  }
}

function given({ name, file, maps }) {
  const one = new wasm_bindgen.Given(name, numbered(file), sizeOf(file), file.lastModified);
  for (const map of maps) one.addMap(numbered(map), sizeOf(map));
  return one;
}

function folderOf(pick) {
  const folder = new wasm_bindgen.Folder(pick.name);
  for (const { path, file } of pick.files) folder.add(path, numbered(file), sizeOf(file), file.lastModified);
  for (const path of pick.unlisted) folder.addUnlisted(path);
  return folder;
}

// The cards of a pick: a folder or an archive of several stands for each of them.
function cardsOf(pick) {
  return (pick.files ? folderOf(pick) : given(pick)).cards();
}

const work = {
  start({ program }) {
    memory = wasm_bindgen.initSync({ module: program }).memory;
    postMessage({ told: 'ready' });
  },

  // Begins with a card of a pick, by their numbers, and goes on with all behind it. What `begins` without a card is
  // the look for the cards of a pick.
  examine({ picks, from }) {
    for (const [pick, one] of picks.entries()) {
      if (pick < from.pick) continue;
      postMessage({ told: 'begins', pick, card: null, name: one.name });
      for (const [card, each] of cardsOf(one).entries()) {
        if (pick === from.pick && card < from.card) continue;
        postMessage({ told: 'begins', pick, card, name: each.name() });
        const json = each.examine();
        forget();
        postMessage({ told: 'card', json, memory: memory.buffer.byteLength });
      }
    }
    postMessage({ told: 'end' });
  },

  // A card without a report is one that ended its worker.
  render({ as, cards }) {
    const all = cards.map(({ name, json }) => json ?? wasm_bindgen.failed(name));
    const make = {
      shown: () => wasm_bindgen.report(all, true),
      report: () => wasm_bindgen.report(all, false),
      list: () => wasm_bindgen.listAnswer(all),
      audit: () => wasm_bindgen.auditAnswer(all),
    };
    postMessage({ told: 'text', as, text: make[as]() });
  },

  // Each of `cards` is a pick and the number of a card of it, or none for all of them.
  recover({ cards }) {
    recovery = new wasm_bindgen.Recovery();
    for (const pick of new Set(cards.map((one) => one.pick))) {
      const wanted = cards.filter((one) => one.pick === pick).map((one) => one.card);
      for (const [card, each] of cardsOf(pick).entries()) {
        if (!wanted.includes(card) && !wanted.includes(null)) continue;
        postMessage({ told: 'begins', name: each.name() });
        recovery.add(each);
        forget();
      }
    }
    postMessage({ told: 'begins', name: '' });
    postMessage({ told: 'recovered', json: recovery.run() });
  },

  zip() {
    recovery.zip();
  },

  words({ wallet }) {
    recovery.words(wallet);
  },

  // Wipes what is recovered.
  wipe() {
    recovery.free();
    recovery = null;
    postMessage({ told: 'wiped' });
  },
};

self.onmessage = ({ data }) => {
  try {
    work[data.do](data);
  } catch (error) {
    // What the program says of a card is text; anything else is a defect, or a lack of memory.
    postMessage({ told: typeof error === 'string' ? 'error' : 'defect', text: String(error) });
  }
};
