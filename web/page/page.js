'use strict';
// The page: takes what a person chooses, hands it to a worker, and shows the report that the worker makes. What
// comes from a card is put into the page as text, or as the report, in which everything is escaped; the policy of
// the page runs no script but this one.

const at = (id) => document.getElementById(`app-${id}`);

// How large a worker may grow before another goes on in its place.
const MOST_MEMORY = 96 << 20;
// How long the words are shown.
const SHOWN_FOR = 120;

const chosen = []; // what was chosen: { name, file, map } or { name, files: [{ path, file }] }
let cards = []; // of each card its name and its report as JSON; no secret is in them
let program = null; // the program, unpacked
let spare = null; // a worker that is ready
let busy = null; // the worker that examines cards
let holder = null; // the worker that holds what is recovered
let found = null; // what it says of that

// -- Workers ------------------------------------------------------------------------------------------------

// The bytes of a text that web/assemble has made: four in five characters.
function bytesOf(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 4) / 5));
  let to = 0;
  for (let from = 0; from < text.length; from += 5) {
    let value = 0;
    for (let digit = from; digit < from + 5; digit += 1) {
      const code = digit < text.length ? text.charCodeAt(digit) : 124;
      value = value * 85 + (code === 125 ? 20 : code - 40);
    }
    for (let place = 2 ** 24; place >= 1 && to < bytes.length; place /= 256) bytes[to++] = Math.floor(value / place) % 256;
  }
  return bytes;
}

async function unpack() {
  const packed = bytesOf(at('program').textContent);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function start() {
  const source = URL.createObjectURL(new Blob([at('worker').textContent], { type: 'text/javascript' }));
  const worker = new Worker(source);
  worker.postMessage({ do: 'start', program });
  return worker;
}

// A worker that is ready; another is made ready for the next time.
function take() {
  const worker = spare ?? start();
  spare = start();
  return worker;
}

// Asks a worker for one thing, and ends it.
function ask(question, answer) {
  return new Promise((resolve, reject) => {
    const worker = take();
    const end = (finish, value) => { worker.terminate(); finish(value); };
    worker.onerror = () => end(reject, new Error('the report could not be made'));
    worker.onmessage = ({ data }) => {
      if (data.told === answer) end(resolve, data);
      if (data.told === 'error' || data.told === 'defect') end(reject, new Error(data.text));
    };
    worker.postMessage(question);
  });
}

// -- What is chosen -----------------------------------------------------------------------------------------

// The names that the map of an image may have.
function mapNames(name) {
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return ['map', 'mapfile'].flatMap((end) => [`${name}.${end}`, `${stem}.${end}`]);
}

// Puts maps beside their images; a map is no card.
function withMaps(files) {
  const named = new Map(files.map((one) => [one.path, one]));
  const maps = new Set();
  for (const one of files) {
    const map = mapNames(one.path).map((name) => named.get(name)).find((map) => map && map !== one);
    if (map) {
      one.map = map.file;
      maps.add(map);
    }
  }
  return files.filter((one) => !maps.has(one));
}

function fromFiles(list) {
  return withMaps(list.map((file) => ({ path: file.name, file }))).map(({ path, file, map }) => ({ name: path, file, map }));
}

async function filesBelow(entry, path, files) {
  if (entry.isFile) {
    files.push({ path, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
    return;
  }
  const entries = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => entries.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const one of some) await filesBelow(one, path ? `${path}/${one.name}` : one.name, files);
  }
}

async function dropped(items) {
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = items.map((item) => item.getAsFile());
  const picks = [];
  const files = [];
  for (const [index, entry] of entries.entries()) {
    if (entry?.isDirectory) {
      const below = [];
      await filesBelow(entry, '', below);
      picks.push({ name: entry.name, files: below });
    } else if (plain[index]) files.push(plain[index]);
  }
  return [...fromFiles(files), ...picks];
}

function fromFolderInput(list) {
  const name = list[0].webkitRelativePath.split('/')[0];
  const files = list.map((file) => ({ path: file.webkitRelativePath.split('/').slice(1).join('/'), file }));
  return [{ name, files }];
}

// What a person should know of it beforehand.
function notes(picks) {
  const all = picks.flatMap((pick) => pick.files?.map((one) => one.path) ?? [pick.name]);
  const isPart = (name) => /\.(0\d\d|[esES]\d\d|a[b-z])$/.test(name) && !/\.(000|001)$/.test(name);
  return all.some(isPart)
    ? ['Images in several parts and E01 images are not put together here: the program bitbox-backup reads them.']
    : [];
}

// -- Examining ----------------------------------------------------------------------------------------------

function say(text) {
  at('status').textContent = text;
}

function bar(name, done, total) {
  at('doing').textContent = name;
  if (total > 0) {
    at('progress').max = total;
    at('progress').value = done;
  } else at('progress').removeAttribute('value');
}

function working(is) {
  at('working').hidden = !is;
  for (const id of ['files', 'folder', 'clear', 'recover', 'save-report', 'save-list', 'save-audit']) at(id).disabled = is;
  document.body.setAttribute('aria-busy', String(is));
}

// Examines what was chosen, a card at a time. A card that ends a worker is one that failed; the next worker goes on.
function examine(picks) {
  const began = performance.now();
  const before = cards.length;
  working(true);
  bar('Reading', 0, 0);
  return new Promise((resolve) => {
    let name = '';
    const go = (failed) => {
      const skip = cards.length - before + (failed === undefined ? 0 : 1);
      const worker = take();
      busy = worker;
      const end = () => { worker.terminate(); busy = null; };
      const fails = () => { end(); go(name); };
      const tell = {
        begins: (data) => { name = data.name; bar(name, 0, 0); },
        progress: (data) => bar(name, data.done, data.total),
        card: (data) => {
          cards.push({ name: data.name, json: data.json });
          if (data.memory > MOST_MEMORY) { end(); go(); }
        },
        defect: fails,
        error: fails,
        end: () => { end(); resolve(performance.now() - began); },
      };
      worker.onerror = fails;
      worker.onmessage = ({ data }) => { if (busy === worker) tell[data.told]?.(data); };
      at('stop').onclick = () => { end(); resolve(null); };
      worker.postMessage({ do: 'examine', picks, skip, failed });
    };
    go();
  });
}

async function show() {
  at('more').hidden = cards.length === 0;
  at('clear').hidden = cards.length === 0;
  if (cards.length === 0) {
    at('report').replaceChildren();
    return;
  }
  const { text } = await ask({ do: 'render', as: 'shown', cards: cards.map((card) => card.json) }, 'text');
  const report = new DOMParser().parseFromString(text, 'text/html');
  document.body.className = report.body.className;
  document.title = report.title;
  at('report').replaceChildren(...report.body.children);
  at('which').replaceChildren(...choices());
  at('which-line').hidden = cards.length === 1;
}

function choices() {
  const option = (value, text) => Object.assign(document.createElement('option'), { value, textContent: text });
  const each = cards.map((card, index) => option(String(index), card.name));
  return cards.length === 1 ? each : [option('', 'All of them, as evidence for each other'), ...each];
}

async function add(picks) {
  if (picks.length === 0 || busy) return;
  forget();
  chosen.push(...picks);
  at('notes').replaceChildren(...notes(picks).map((note) => Object.assign(document.createElement('li'), { textContent: note })));
  try {
    const took = await examine(picks);
    const count = cards.length === 1 ? '1 card was examined' : `${cards.length} cards were examined`;
    await show();
    say(took === null ? `Stopped: ${count}.` : `${count}${took < 10000 ? '' : ` in ${Math.round(took / 1000)} seconds`}. The report is below.`);
    at('more').scrollIntoView();
  } catch (error) {
    say(`The report could not be made: ${error.message}`);
  }
  working(false);
}

function clear() {
  forget();
  chosen.length = 0;
  cards = [];
  at('notes').replaceChildren();
  document.title = 'BitBox02 backups';
  show();
  say('Nothing is chosen.');
}

// -- Saving -------------------------------------------------------------------------------------------------

function save(name, content, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function saveAs(as, name, type) {
  try {
    const { text } = await ask({ do: 'render', as, cards: cards.map((card) => card.json) }, 'text');
    save(name, text, type);
  } catch (error) {
    say(`It could not be saved: ${error.message}`);
  }
}

// -- Recovering ---------------------------------------------------------------------------------------------

// Ends the worker that holds what is recovered.
function forget() {
  hide();
  holder?.terminate();
  holder = null;
  found = null;
  at('found').hidden = true;
  at('warning').hidden = false;
  at('found-list').replaceChildren();
  at('save-zip').hidden = true;
  at('zip-note').hidden = true;
}

function recover() {
  forget();
  at('recovery').showModal();
}

function search() {
  const only = cards.length === 1 || at('which').value === '' ? null : Number(at('which').value);
  at('warning').hidden = true;
  at('found').hidden = false;
  let name = '';
  const tell = (text) => { at('found-status').textContent = text; };
  const fail = (text) => { tell(text); holder?.terminate(); holder = null; };
  tell('Reading…');
  const worker = take();
  holder = worker;
  worker.onerror = () => fail('Nothing was recovered: a defect of this page, or a lack of memory. Use the program bitbox-backup.');
  worker.onmessage = ({ data }) => {
    if (holder !== worker) return;
    if (data.told === 'begins') name = data.name;
    if (data.told === 'progress' && data.total > 0) {
      const share = Math.floor((100 * data.done) / data.total);
      tell(name ? `Reading ${name}: ${share} %` : `Searching: ${share} %`);
    }
    if (data.told === 'defect') worker.onerror();
    if (data.told === 'error') fail(`Nothing was recovered: ${data.text}`);
    if (data.told === 'recovered') offer(JSON.parse(data.json), tell);
  };
  worker.postMessage({ do: 'recover', picks: chosen, only });
}

function line(parent, text, tag = 'p') {
  const one = document.createElement(tag);
  one.textContent = text;
  parent.append(one);
  return one;
}

function offer(told, tell) {
  found = told;
  const count = told.recovered.length;
  tell(count === 0 ? 'Nothing could be recovered.' : count === 1 ? '1 backup can be recovered.' : `${count} backups can be recovered.`);
  const list = at('found-list');
  told.recovered.forEach((one, index) => {
    const box = document.createElement('div');
    box.className = 'app-wallet ok';
    const name = line(box, '');
    line(name, one.name || 'Backup', 'b');
    line(box, `Wallet ${one.id}`);
    line(box, `Made ${one.created?.replace('T', ' ').replace('Z', ' UTC') ?? 'at an unknown time'}; ${one.words ?? 'no'} words; ${one.method}, proved by ${one.proof}`);
    if (one.words) {
      const button = line(box, 'Show the recovery words…', 'button');
      button.type = 'button';
      button.className = 'app-button';
      button.onclick = () => reveal(index);
    }
    list.append(box);
  });
  for (const one of told.not_recovered) {
    const box = document.createElement('div');
    box.className = 'app-wallet bad';
    line(box, one.id ? `Wallet ${one.id}` : 'A backup without an ID');
    line(box, one.message);
    line(box, one.advice);
    list.append(box);
  }
  if (told.not_chosen > 0) line(list, `${told.not_chosen} older or doubtful backups are proved as well and not saved here; the program bitbox-backup chooses among them.`);
  for (const one of told.failed) line(list, one);
  at('save-zip').hidden = count === 0;
  at('zip-note').hidden = count === 0;
}

function saveZip() {
  holder.addEventListener('message', ({ data }) => {
    if (data.told !== 'zip') return;
    save('bitbox02-recovered.zip', data.bytes, 'application/zip');
    data.bytes.fill(0);
  }, { once: true });
  holder.postMessage({ do: 'zip' });
}

// -- Words --------------------------------------------------------------------------------------------------

let wallet = null;
let clock = null;

function reveal(index) {
  wallet = index;
  const one = found.recovered[index];
  at('ask').hidden = false;
  at('ask-which').textContent = `The ${one.words} words of ${one.name || 'the wallet'}, ${one.id.slice(0, 8)}…`;
  at('ask-status').textContent = '';
  at('typed').value = '';
  at('reveal').showModal();
  at('typed').focus();
}

function asked(event) {
  event.preventDefault();
  const typed = at('typed').value.trim();
  at('typed').value = '';
  if (navigator.onLine) {
    at('ask-status').textContent = 'This browser is online. Words are shown only offline: disconnect the computer first.';
  } else if (typed !== 'SHOW') {
    at('ask-status').textContent = 'Nothing is shown: type SHOW in capital letters.';
  } else {
    holder.addEventListener('message', ({ data }) => {
      if (data.told === 'words') showWords(data.bytes);
      if (data.told === 'error') at('ask-status').textContent = data.text;
    }, { once: true });
    holder.postMessage({ do: 'words', wallet });
  }
}

function showWords(bytes) {
  if (navigator.onLine || !at('reveal').open || document.hidden) {
    bytes.fill(0);
    return;
  }
  at('ask').hidden = true;
  line(at('words'), `They disappear after ${SHOWN_FOR / 60} minutes, when this page is left, and when the computer goes online.`);
  const list = document.createElement('ol');
  list.className = 'app-phrase';
  let from = 0;
  for (let index = 0; index <= bytes.length; index += 1) {
    if (index < bytes.length && bytes[index] !== 10) continue;
    line(list, new TextDecoder().decode(bytes.subarray(from, index)), 'li');
    from = index + 1;
  }
  bytes.fill(0);
  at('words').append(list);
  clock = setTimeout(hide, SHOWN_FOR * 1000);
}

// Takes the words away.
function hide() {
  clearTimeout(clock);
  at('words').replaceChildren();
  if (at('reveal').open) at('reveal').close();
}

// -- The browser --------------------------------------------------------------------------------------------

function network() {
  const line = at('network');
  line.className = `app-network ${navigator.onLine ? 'warn' : 'ok'}`;
  line.textContent = navigator.onLine
    ? 'This browser is online. Cards can be listed: the page cannot send anything. Recovery words are shown only offline.'
    : 'This browser is offline.';
  if (navigator.onLine) hide();
}

function listen() {
  addEventListener('online', network);
  addEventListener('offline', network);
  addEventListener('pagehide', forget);
  document.addEventListener('visibilitychange', () => { if (document.hidden) hide(); });
  at('files').onchange = ({ target }) => { const picks = fromFiles([...target.files]); target.value = ''; add(picks); };
  at('folder').onchange = ({ target }) => {
    const picks = target.files.length > 0 ? fromFolderInput([...target.files]) : [];
    target.value = '';
    add(picks);
  };
  const over = (is) => (event) => { event.preventDefault(); at('drop').classList.toggle('app-over', is); };
  addEventListener('dragover', over(true));
  addEventListener('dragleave', over(false));
  addEventListener('drop', async (event) => {
    over(false)(event);
    add(await dropped([...event.dataTransfer.items].filter((item) => item.kind === 'file')));
  });
  at('clear').onclick = clear;
  at('save-report').onclick = () => saveAs('report', 'bitbox02-report.html', 'text/html');
  at('save-list').onclick = () => saveAs('list', 'bitbox02-list.json', 'application/json');
  at('save-audit').onclick = () => saveAs('audit', 'bitbox02-audit.json', 'application/json');
  at('recover').onclick = recover;
  at('search').onclick = search;
  at('save-zip').onclick = saveZip;
  at('recovery-close').onclick = () => at('recovery').close();
  at('recovery').onclose = forget;
  at('ask-form').onsubmit = asked;
  at('reveal-close').onclick = hide;
  at('reveal').onclose = () => { if (!at('reveal').open) hide(); };
}

async function begin() {
  network();
  try {
    program = await unpack();
    at('program').remove();
    spare = start();
    listen();
    say('Ready.');
  } catch (error) {
    say(`This browser cannot run the page: ${error.message}`);
  }
}

begin();
