'use strict';
// The page: takes what a person chooses, hands it to a worker, and shows the report that the worker makes. What
// comes from a card is put into the page as text, or as the report, in which everything is escaped; the policy of
// the page runs no script but this one.

const at = (id) => document.getElementById(`app-${id}`);

// How large a worker may grow before another goes on in its place.
const MOST_MEMORY = 96 << 20;
// How long the words are shown.
const SHOWN_FOR = 120;
// How long a worker may take to wipe what it holds, in milliseconds.
const WIPED_WITHIN = 1000;

// What is chosen are picks: { name, file, maps } or { name, files: [{ path, file }], unlisted }.
// Of each card its name, its pick, its number in that, and its report as JSON; no secret is in them. A card that ended
// its worker has no report, and what ended it before its cards were known has no number.
let cards = [];
let program = null; // the program, unpacked
let source = null; // the address of what a worker runs
let spare = null; // a worker that is ready
let busy = null; // the worker that examines cards
let isWorking = false; // whether cards are examined, or their report is made
let holder = null; // the worker that holds what is recovered
let answer = null; // takes what it answers next: it does one thing at a time
let found = null; // what it says of what is recovered

// -- Workers ------------------------------------------------------------------------------------------------

// The bytes of a text that web/assemble has made: 13 bits in two characters, at the end perhaps six in one.
function bytesOf(text) {
  const digit = (at) => { const code = text.charCodeAt(at); return code === 125 ? 27 : code - 33; };
  const pairs = Math.floor(text.length / 2);
  const bytes = new Uint8Array(Math.floor((pairs * 13 + (text.length % 2) * 6) / 8));
  let [to, held, bits] = [0, 0, 0];
  for (let from = 0; from < text.length; from += 2) {
    const isPair = from + 1 < text.length;
    const width = isPair ? 13 : 6;
    held = (held << width) | (isPair ? digit(from) * 91 + digit(from + 1) : digit(from));
    bits += width;
    while (bits >= 8) {
      bits -= 8;
      bytes[to++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return bytes;
}

async function unpack() {
  const packed = bytesOf(at('program').textContent);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function start() {
  source ??= URL.createObjectURL(new Blob([at('worker').textContent], { type: 'text/javascript' }));
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
    const own = mapNames(one.path).map((name) => named.get(name)).filter((map) => map && map !== one);
    one.maps = own.map((map) => map.file);
    for (const map of own) maps.add(map);
  }
  return files.filter((one) => !maps.has(one));
}

function fromFiles(list) {
  return withMaps(list.map((file) => ({ path: file.name, file }))).map(({ path, file, maps }) => ({ name: path, file, maps }));
}

// Adds what lies in a folder to a pick: the files, and the paths of folders of which the browser does not give all.
async function addFolder(pick, folder, path) {
  try {
    const entries = folder.createReader();
    for (;;) {
      const listed = await new Promise((...ends) => entries.readEntries(...ends));
      if (listed.length === 0) return;
      for (const entry of listed) {
        const below = path ? `${path}/${entry.name}` : entry.name;
        if (entry.isDirectory) await addFolder(pick, entry, below);
        else {
          const file = await new Promise((...ends) => entry.file(...ends)).catch(() => null);
          if (file) pick.files.push({ path: below, file });
          else pick.unlisted.add(path);
        }
      }
    }
  } catch {
    pick.unlisted.add(path);
  }
}

async function dropped(items) {
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = items.map((item) => item.getAsFile());
  const picks = [];
  const files = [];
  for (const [index, entry] of entries.entries()) {
    if (entry?.isDirectory) {
      const pick = { name: entry.name, files: [], unlisted: new Set() };
      await addFolder(pick, entry, '');
      picks.push(pick);
    } else if (plain[index]) files.push(plain[index]);
  }
  return [...fromFiles(files), ...picks];
}

function fromFolderInput(list) {
  const name = list[0].webkitRelativePath.split('/')[0];
  const files = list.map((file) => ({ path: file.webkitRelativePath.split('/').slice(1).join('/'), file }));
  return [{ name, files, unlisted: new Set() }];
}

// What a person should know of it beforehand.
function notes(picks) {
  const all = picks.flatMap((pick) => pick.files?.map((one) => one.path) ?? [pick.name]);
  const isPart = (name) => /\.(0\d\d|[esES]\d\d|a[b-z])$/.test(name) && !/\.(000|001)$/.test(name);
  const unlisted = picks.filter((pick) => pick.unlisted?.size > 0);
  return [
    ...(all.some(isPart) ? ['Images in several parts and E01 images are not put together here: the program bitbox-backup reads them.'] : []),
    ...unlisted.map((pick) => `The browser does not list all of ${[pick.name, ...[...pick.unlisted].slice(0, 1)].filter(Boolean).join('/')}.`),
  ];
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
  isWorking = is;
  at('working').hidden = !is;
  for (const id of ['files', 'folder', 'clear', 'recover', 'save-report', 'save-list', 'save-audit']) at(id).disabled = is;
  document.body.setAttribute('aria-busy', String(is));
}

// Examines picks, a card at a time. A card that ends a worker is one that failed; the next worker goes on behind it.
function examine(picks) {
  const began = performance.now();
  working(true);
  bar('Reading', 0, 0);
  return new Promise((resolve) => {
    let now = null; // what the worker looks at
    let next = { pick: 0, card: 0 }; // where another one goes on
    const begins = ({ name, pick, card }) => {
      now = { name, pick: picks[pick], card };
      next = card === null ? { pick: pick + 1, card: 0 } : { pick, card: card + 1 };
      bar(name, 0, 0);
    };
    const go = () => {
      if (next.pick === picks.length) {
        resolve(performance.now() - began);
        return;
      }
      const from = next;
      // A worker that ends before it says anything has looked at this.
      begins({ name: picks[from.pick].name, pick: from.pick, card: null });
      const worker = take();
      busy = worker;
      const end = () => { worker.terminate(); busy = null; };
      const fails = () => {
        end();
        if (now) cards.push({ ...now, json: null });
        go();
      };
      const tell = {
        begins,
        progress: (data) => bar(now.name, data.done, data.total),
        card: (data) => {
          cards.push({ ...now, json: data.json });
          now = null;
          if (data.memory > MOST_MEMORY) { end(); go(); }
        },
        defect: fails,
        error: fails,
        end: () => { end(); resolve(performance.now() - began); },
      };
      worker.onerror = () => { if (busy === worker) fails(); };
      worker.onmessage = ({ data }) => { if (busy === worker) tell[data.told]?.(data); };
      at('stop').onclick = () => { end(); resolve(null); };
      worker.postMessage({ do: 'examine', picks, from });
    };
    go();
  });
}

// Asks for all cards at once.
function render(as) {
  return ask({ do: 'render', as, cards: cards.map(({ name, json }) => ({ name, json })) }, 'text');
}

async function show() {
  at('more').hidden = cards.length === 0;
  at('clear').hidden = cards.length === 0;
  if (cards.length === 0) {
    at('report').replaceChildren();
    return;
  }
  at('which').replaceChildren(...choices());
  at('which-line').hidden = cards.length === 1;
  const { text } = await render('shown');
  const report = new DOMParser().parseFromString(text, 'text/html');
  document.body.className = report.body.className;
  document.title = report.title;
  at('report').replaceChildren(...report.body.children);
}

function choices() {
  const option = (value, text) => Object.assign(document.createElement('option'), { value, textContent: text });
  const each = cards.map((card, index) => option(String(index), card.name));
  return cards.length === 1 ? each : [option('', 'All of them, as evidence for each other'), ...each];
}

async function add(picks) {
  // What is dropped while there is no button to choose anything is not taken.
  if (picks.length === 0 || isWorking || at('recovery').open) return;
  forget();
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
    const { text } = await render(as);
    save(name, text, type);
  } catch (error) {
    say(`It could not be saved: ${error.message}`);
  }
}

// -- Recovering ---------------------------------------------------------------------------------------------

// Takes away what is recovered, and all that tells of it.
function forget() {
  hide();
  release();
  at('found').hidden = true;
  at('warning').hidden = false;
}

// Ends the worker that holds what is recovered. It wipes that first, unless it is in the midst of its work.
function release() {
  const worker = holder;
  const isIdle = answer === null;
  holder = null;
  answer = null;
  found = null;
  at('found-list').replaceChildren();
  at('save-zip').hidden = true;
  at('zip-note').hidden = true;
  if (!worker) return;
  if (!isIdle) {
    worker.terminate();
    return;
  }
  const end = () => worker.terminate();
  worker.onerror = end;
  worker.onmessage = end;
  worker.postMessage({ do: 'wipe' });
  setTimeout(end, WIPED_WITHIN);
}

// Asks the worker that holds what is recovered for one thing; `takes` gets what it answers.
function request(question, takes) {
  if (!holder || answer) return false;
  answer = takes;
  holder.postMessage(question);
  return true;
}

function recover() {
  forget();
  at('recovery').showModal();
}

// Each card once: the same file twice is no second reading.
function onceEach(all) {
  const facts = (path, { size, lastModified }) => [path, size, lastModified];
  const files = ({ name, file, files: below }) => below?.map((one) => facts(one.path, one.file)) ?? facts(name, file);
  return [...new Map(all.map((card) => [JSON.stringify([files(card.pick), card.card]), card])).values()];
}

function search() {
  if (holder) return;
  const which = at('which').value;
  // What has ended a worker would end this one, too, and take the others with it.
  const left = which === '' ? cards.filter((card) => card.json === null) : [];
  const wanted = which === '' ? onceEach(cards.filter((card) => card.json !== null)) : [cards[Number(which)]];
  at('warning').hidden = true;
  at('found').hidden = false;
  let name = '';
  const tell = (text) => { at('found-status').textContent = text; };
  tell('Reading…');
  const worker = take();
  holder = worker;
  worker.onerror = () => {
    if (holder !== worker) return;
    hide();
    release();
    tell('Nothing is recovered: a defect of this page, or a lack of memory. Use the program bitbox-backup.');
  };
  worker.onmessage = ({ data }) => {
    if (holder !== worker) data.bytes?.fill(0);
    else if (data.told === 'begins') name = data.name;
    else if (data.told === 'progress') {
      const share = data.total > 0 ? `: ${Math.floor((100 * data.done) / data.total)} %` : '';
      tell(name ? `Reading ${name}${share}` : `Searching${share}`);
    } else if (data.told === 'defect') worker.onerror();
    else if (data.told !== 'ready') {
      const takes = answer;
      answer = null;
      takes?.(data);
    }
  };
  request({ do: 'recover', cards: wanted.map(({ pick, card }) => ({ pick, card })) }, (data) => {
    if (data.told === 'recovered') {
      offer(JSON.parse(data.json), tell);
      for (const card of left) line(at('found-list'), `${card.name}: left out, since its examination was ended by a defect of this page, or a lack of memory; use the program bitbox-backup`);
    } else {
      release();
      tell(`Nothing was recovered: ${data.text}`);
    }
  });
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
  request({ do: 'zip' }, (data) => {
    if (data.told === 'zip') {
      save('bitbox02-recovered.zip', data.bytes, 'application/zip');
      data.bytes.fill(0);
    } else at('found-status').textContent = `Nothing was saved: ${data.text}`;
  });
}

// -- Words --------------------------------------------------------------------------------------------------

let asking = null; // the wallet whose words are asked for, for as long as its dialog is open
let clock = null;

function reveal(index) {
  const one = found.recovered[index];
  asking = { wallet: index };
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
  const tell = (text) => { at('ask-status').textContent = text; };
  if (navigator.onLine) {
    tell('This browser is online. Words are shown only offline: disconnect the computer first.');
  } else if (typed !== 'SHOW') {
    tell('Nothing is shown: type SHOW in capital letters.');
  } else {
    const asker = asking;
    const isAsked = request({ do: 'words', wallet: asker.wallet }, (data) => {
      if (data.told === 'words') showWords(data.bytes, asker);
      else if (asking === asker) tell(data.text);
    });
    tell(isAsked ? '' : 'This page is still at work: try again.');
  }
}

// Shows words where they were asked for, if that is still so.
function showWords(bytes, asker) {
  if (navigator.onLine || asking !== asker || document.hidden) {
    bytes.fill(0);
    return;
  }
  at('ask').hidden = true;
  line(at('words'), `They disappear after ${SHOWN_FOR / 60} minutes, when this page is left, and when the computer goes online.`);
  const list = document.createElement('ol');
  list.className = 'app-phrase';
  let from = 0;
  for (const [index, byte] of bytes.entries()) {
    if (byte !== 10) continue;
    line(list, new TextDecoder().decode(bytes.subarray(from, index)), 'li');
    from = index + 1;
  }
  bytes.fill(0);
  at('words').append(list);
  clock = setTimeout(hide, SHOWN_FOR * 1000);
}

// Takes the words away.
function hide() {
  asking = null;
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
  // What is left may stand still from now on, or come back.
  addEventListener('pagehide', () => {
    const worker = holder;
    forget();
    worker?.terminate();
  });
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
  at('recovery').onclose = () => { if (!at('recovery').open) forget(); };
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
