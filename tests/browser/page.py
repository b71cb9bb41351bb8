#!/usr/bin/env python3
"""The page of `web` in headless Chromium, from a file: what it answers is what the program answers, nothing leaves
the browser, nothing from a card becomes a script, and no seed stays behind a listing.

page.py PAGE PROGRAM OUT FLEET HOSTILE
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from answers import differences, plain
from cdp import Browser

page, program, out, fleet, hostile = (Path(one).resolve() for one in sys.argv[1:6])
work = Path(tempfile.mkdtemp())
saved = work / "saved"
saved.mkdir()
# Bytes of noise, and how many times as long as the program the page may take for them.
NOISE, SLOWER = 1 << 30, 9
STATUS = "document.getElementById('app-status')?.textContent"
failed = []


def check(what, holds, seen=""):
    print("ok " if holds else "NO ", what, "" if holds else str(seen)[:2000])
    if not holds:
        failed.append(what)


def renderers():
    """The renderers of all browsers, each with the most memory of its own that it ever held, in bytes: without the
    browser's program and what it shares with others."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                status = (folder / "status").read_text()
                peak, *shared = [
                    int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) * 1024
                    for name in ("VmHWM", "RssFile", "RssShmem")
                ]
                found[folder] = peak - sum(shared)
        except (OSError, TypeError):
            continue  # it has ended meanwhile
    return found


def check_memory(what, files):
    """What a tab takes at the most for these cards, in a browser of its own."""
    before = renderers()
    other = Browser(work / f"profile-{what.replace(' ', '-')}")
    try:
        session = other.open(page.as_uri())
        other.wait(session, f"{STATUS} === 'Ready.'", 30)
        other.choose(session, "#app-files", files)
        other.wait(session, f"/^{len(files)} cards? (was|were) examined/.test({STATUS})", 600)
        most = max(peak for folder, peak in renderers().items() if folder not in before)
    finally:
        other.close()
    print(f"    {what}: {most // 1_000_000} MB of memory at most")
    check(f"{what}: a tab takes less than 300 MB", most < 300_000_000, most)


def cli(*arguments, folder):
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def ready(address=None):
    session = browser.open(address or page.as_uri())
    browser.wait(session, f"{STATUS} === 'Ready.'", 30)
    return session


def examined(session, count, within=120):
    browser.wait(session, f"/^{count} cards? (was|were) examined/.test({STATUS})", within)


def click(session, element):
    browser.run(session, f"document.getElementById('app-{element}').click()")


def save(session, element, name):
    file = saved / name
    file.unlink(missing_ok=True)
    click(session, element)
    until = time.time() + 60
    while not file.exists():
        if time.time() > until:
            raise TimeoutError(name)
        browser.read(0.05)
    size = -1
    while file.stat().st_size != size:
        size = file.stat().st_size
        time.sleep(0.1)
    return file.read_bytes()


def picture(session, name, width, scheme, words=None):
    browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=900, deviceScaleFactor=1,
                 mobile=False)
    browser.call("Emulation.setEmulatedMedia", session, features=[{"name": "prefers-color-scheme", "value": scheme}])
    shot = browser.call("Page.captureScreenshot", session, captureBeyondViewport=words is None)
    import base64
    (out / f"page-{name}-{width}-{scheme}.png").write_bytes(base64.b64decode(shot["data"]))


def offline(session, is_offline):
    """What a browser says when the computer is disconnected."""
    browser.call("Network.emulateNetworkConditions", session, offline=is_offline, latency=0, downloadThroughput=-1,
                 uploadThroughput=-1)
    browser.wait(session, f"navigator.onLine === {'false' if is_offline else 'true'}")


def recover(session, which=""):
    """Recovers from one of the cards, by its place, or from all; what the report beside the files says."""
    click(session, "recover")
    browser.run(session, f"document.getElementById('app-which').value = '{which}'")
    click(session, "search")
    browser.wait(session, "!document.getElementById('app-save-zip').hidden")
    said = browser.run(session, "document.getElementById('app-found-list').textContent")
    save(session, "save-zip", "bitbox02-recovered.zip")
    click(session, "recovery-close")
    with zipfile.ZipFile(saved / "bitbox02-recovered.zip") as zipped:
        report = json.loads(zipped.read("recovery-report.json"))
    return [one["source"] for one in report["sources"]], [one["id"] for one in report["recovered"]], said


def seeds(folder):
    """Every seed on the shipped cards, by the files that the program recovers."""
    found = set()
    for card in sorted(folder.glob("*.zst")):
        to = work / "recovered" / card.name
        to.parent.mkdir(exist_ok=True)
        subprocess.run([program, "-q", "recover", card, "--to", to, "--yes", "--effort", "quick"], capture_output=True)
        for file in to.glob("bitbox02/*/*_0.bin"):
            for seed in re.findall(rb"\x08[\x10\x18\x20]\x12\x20(.{32})", file.read_bytes(), re.DOTALL):
                found.add(seed[:16])
    # One wallet has zeros for a seed, which are everywhere.
    return {seed for seed in found if len(set(seed)) > 4}


net_log = work / "net.json"
browser = Browser(work / "profile", f"--log-net-log={net_log}", "--net-log-capture-mode=Everything")
try:
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(saved))
    cards = work / "cards"
    shutil.copytree("testdata", cards)
    images = sorted(cards.glob("*.zst"))
    for image in images:
        # Whole seconds: a browser knows milliseconds, the system more.
        subprocess.run(["touch", "-d", "@1600000000", image], check=True)

    # The shipped cards, one answer after the other.
    session = ready()
    began = time.time()
    browser.choose(session, "#app-files", images)
    examined(session, len(images))
    print(f"    {len(images)} cards examined and shown in {time.time() - began:.2f} s")
    names = [image.name for image in images]
    ours = json.loads(save(session, "save-list", "bitbox02-list.json"))
    theirs = json.loads(cli("list", "--json", *names, folder=cards))
    for one, other in zip(ours["sources"], theirs["sources"]):
        check(f"list {other['source']}", plain(one) == plain(other), (plain(one), plain(other)))
    check("list, all of it", plain(ours) == plain(theirs))
    ours = json.loads(save(session, "save-audit", "bitbox02-audit.json"))
    theirs = json.loads(cli("audit", "--json", *names, folder=cards))
    check("audit, all of it", plain(ours) == plain(theirs), [key for key in theirs if plain(ours.get(key)) != plain(theirs[key])])
    ours = save(session, "save-report", "bitbox02-report.html").decode()
    cli("-q", "audit", *names, "--html", work / "report.html", folder=cards)
    theirs = (work / "report.html").read_text()
    line = re.compile(r'<p class="note">Private: [^<]*</p>')
    check("the report", line.sub("", ours, count=1) == line.sub("", theirs, count=1) and line.search(ours) is not None)
    check("the report is shown", browser.run(session, "document.querySelectorAll('#app-report .card').length") == len(images))
    check("the page shown has no word of its report being without script",
          "It has no script" not in browser.run(session, "document.getElementById('app-report').textContent"))
    for width, scheme in [(390, "light"), (390, "dark"), (1280, "light"), (1920, "dark")]:
        picture(session, "cards", width, scheme)
        wide = browser.run(session, "document.documentElement.scrollWidth")
        check(f"no wider than {width} pixels", wide <= width, wide)
    pdf = browser.call("Page.printToPDF", session, printBackground=True)["data"]
    import base64
    (out / "page-cards.pdf").write_bytes(base64.b64decode(pdf))

    # A folder of cards, a copy of a card, and a single file.
    folder = work / "folder"
    (folder / "below").mkdir(parents=True)
    shutil.copy(images[0], folder)
    shutil.copy(images[1], folder / "below")
    shutil.copytree("docs", folder / "old" / "bitbox02")
    (folder / "notes.txt").write_text("no image")
    subprocess.run(["find", folder, "-exec", "touch", "-d", "@1600000000", "{}", "+"], check=True)
    session = ready()
    browser.choose(session, "#app-folder", [folder])
    theirs = json.loads(cli("list", "--json", "folder", folder=work))
    examined(session, len(theirs["sources"]))
    ours = json.loads(save(session, "save-list", "bitbox02-list.json"))
    check("a folder of cards", len(theirs["sources"]) == 3 and plain(ours) == plain(theirs), differences(plain(ours), plain(theirs)))
    copied = work / "copied"
    subprocess.run([program, "-q", "recover", cards / "healthy.img.zst", "--to", copied, "--yes"], check=True, capture_output=True)
    (copied / "bitbox02" / "notes.txt").write_text("kept here")
    session = ready()
    browser.choose(session, "#app-folder", [copied])
    examined(session, 1)
    ours = json.loads(save(session, "save-list", "bitbox02-list.json"))
    theirs = json.loads(cli("list", "--json", "copied", folder=work))
    check("a copy of a card", plain(ours) == plain(theirs), differences(plain(ours), plain(theirs)))
    file = next(copied.glob("bitbox02/*/*_0.bin"))
    subprocess.run(["touch", "-d", "@1600000000", file], check=True)
    session = ready()
    browser.choose(session, "#app-files", [file])
    examined(session, 1)
    ours = json.loads(save(session, "save-list", "bitbox02-list.json"))
    theirs = json.loads(cli("list", "--json", file.name, folder=file.parent))
    check("a single file", plain(ours) == plain(theirs), differences(plain(ours), plain(theirs)))
    archive = work / "cards.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for image in images[:2]:
            zipped.write(image, image.name)
    subprocess.run(["touch", "-d", "@1600000000", archive], check=True)
    session = ready()
    browser.choose(session, "#app-files", [archive])
    examined(session, 2)
    ours = json.loads(save(session, "save-list", "bitbox02-list.json"))
    theirs = json.loads(cli("list", "--json", "cards.zip", folder=work))
    check("cards in an archive", plain(ours) == plain(theirs), differences(plain(ours), plain(theirs)))

    # A card of 32 GB as it is: read where it is needed, and nowhere else.
    large = work / "large.img"
    with open(large, "wb") as file:
        subprocess.run(["zstd", "-dc", cards / "healthy.img.zst"], check=True, stdout=file)
        file.truncate(32 << 30)
    subprocess.run(["touch", "-d", "@1600000000", large], check=True)
    for what in ["a card of 32 GB, at first", "a card of 32 GB"]:
        session = ready()
        began = time.time()
        browser.choose(session, "#app-files", [large])
        examined(session, 1)
        print(f"    {what}: examined and shown in {time.time() - began:.2f} s")
    ours = json.loads(save(session, "save-list", "bitbox02-list.json"))
    theirs = json.loads(cli("list", "--json", large.name, folder=work))
    check("a card of 32 GB", plain(ours) == plain(theirs), differences(plain(ours), plain(theirs)))
    large.unlink()

    # The whole surface, which is searched where the BitBox lists nothing: the program on one thread for comparison.
    noise = work / "noise.img"
    with open(noise, "wb") as file:
        for _ in range(NOISE >> 20):
            file.write(os.urandom(1 << 20))
    session = ready()
    began = time.time()
    browser.choose(session, "#app-files", [noise])
    examined(session, 1)
    in_page = time.time() - began
    began = time.time()
    cli("audit", "--threads=1", "--ndjson", noise.name, folder=work)
    by_program = time.time() - began
    print(f"    {NOISE >> 20} MiB of noise searched in {in_page:.2f} s, by the program in {by_program:.2f} s")
    check_memory("noise", [noise])
    check("not much slower than the program", in_page < SLOWER * by_program, in_page / by_program)
    noise.unlink()

    # Recovered, to the byte as by the program.
    for name in ["healthy.img.zst", "deleted-by-computer.img.zst", "all-damaged-vote.img.zst"]:
        session = ready()
        browser.choose(session, "#app-files", [cards / name])
        examined(session, 1)
        click(session, "recover")
        click(session, "search")
        browser.wait(session, "!document.getElementById('app-save-zip').hidden")
        archive = save(session, "save-zip", "bitbox02-recovered.zip")
        with zipfile.ZipFile(saved / "bitbox02-recovered.zip") as zipped:
            ours = {one: zipped.read(one) for one in zipped.namelist()}
        to = work / "theirs" / name
        to.parent.mkdir(exist_ok=True)
        cli("-q", "recover", name, "--to", to, "--yes", "--effort", "quick", folder=cards)
        theirs = {str(one.relative_to(to)): one.read_bytes() for one in to.rglob("*") if one.is_file()}
        theirs.pop("recovery-report.txt")
        check(f"recovered from {name}", ours == theirs, (sorted(ours), sorted(theirs)))

    # Only cards that were examined are recovered, and those that are chosen.
    session = ready()
    browser.run(session, """cards.push = (card) => {
        delete cards.push;
        cards.push(card);
        document.getElementById('app-stop').click();
    }; 0""")
    browser.choose(session, "#app-files", images[:3])
    browser.wait(session, f"{STATUS} === 'Stopped: 1 card was examined.'")
    sources, ids, _ = recover(session)
    check("only the card that was examined", sources == [images[0].name], sources)
    other = cards / "healthy-24-words-birthdate.img.zst"
    browser.choose(session, "#app-files", [other])
    examined(session, 2)
    for which, wanted in [("1", [other.name]), ("", [images[0].name, other.name])]:
        sources, others, _ = recover(session, which)
        check(f"the cards that are chosen: {wanted}", sources == wanted and set(others) - set(ids), (sources, others))
    browser.choose(session, "#app-files", [other])
    examined(session, 3)
    sources, _, _ = recover(session)
    check("the same file twice is no second reading", sources == wanted, sources)

    # A file that cannot be read, and one that ends its worker, are one failed card each, and the others are examined.
    session = ready()
    copies = work / "unreadable"
    copies.mkdir()
    for name in ["a.img.zst", "b.img.zst", "b.img.zst.map"]:
        shutil.copy(cards / "healthy.img.zst", copies / name)
    browser.run(session, "var hold = fromFiles; var held; fromFiles = (files) => { held = files; return []; }; 0")
    browser.choose(session, "#app-files", sorted(copies.iterdir()))
    browser.wait(session, "held")
    (copies / "b.img.zst.map").unlink()
    browser.run(session, """{
        const [one, unmapped] = hold(held);
        add([unmapped, { name: 'defect.img', file: null }, one]);
    }""")
    examined(session, 3)
    ours = json.loads(save(session, "save-list", "bitbox02-list.json"))["sources"]
    check("each is examined, or failed, once", [(one["source"], one["status"]) for one in ours] == [
        ("b.img.zst", "failed"), ("defect.img", "failed"), ("a.img.zst", "examined")], ours)
    check("and says why", "map" in ours[0]["error"] and "defect" in ours[1]["error"], ours)
    sources, _, said = recover(session)
    check("the others are recovered", sources == ["a.img.zst", "b.img.zst"] and "defect.img: left out" in said, (sources, said))

    # Words: offline only, asked for, and gone again.
    words = json.loads(Path("testdata/wallets.json").read_text())
    session = ready()
    offline(session, False)
    browser.choose(session, "#app-files", [cards / "healthy.img.zst"])
    examined(session, 1)
    click(session, "recover")
    picture(session, "warning", 1280, "light", words=False)
    click(session, "search")
    browser.wait(session, "document.querySelector('.app-wallet button')")
    picture(session, "found", 1280, "light", words=False)
    browser.run(session, "document.querySelector('.app-wallet button').click()")
    ask = """document.getElementById('app-typed').value = TYPED;
             document.getElementById('app-ask-form').requestSubmit()"""
    shown = "document.querySelectorAll('#app-words li').length"
    browser.run(session, ask.replace("TYPED", "'SHOW'"))
    time.sleep(0.5)
    check("no words while the browser is online", browser.run(session, shown) == 0)
    said = browser.run(session, "document.getElementById('app-ask-status').textContent")
    check("and it says why", "online" in said, said)
    offline(session, True)
    browser.run(session, ask.replace("TYPED", "'yes'"))
    time.sleep(0.5)
    check("no words before they are asked for", browser.run(session, shown) == 0)
    browser.run(session, ask.replace("TYPED", "'SHOW'"))
    browser.wait(session, f"{shown} > 0")
    phrase = " ".join(browser.run(session, "[...document.querySelectorAll('#app-words li')].map((one) => one.textContent)"))
    check("the words are those of the wallet", any(phrase == one["words"] for one in words))
    picture(session, "words", 390, "light", words=True)
    offline(session, False)
    check("gone when the computer goes online", browser.run(session, shown) == 0)
    offline(session, True)
    browser.run(session, "document.querySelector('.app-wallet button').click()")
    browser.run(session, "{ const real = setTimeout; window.setTimeout = (what, after) => real(what, after / 100); }")
    browser.run(session, ask.replace("TYPED", "'SHOW'"))
    browser.wait(session, f"{shown} > 0")
    browser.wait(session, f"{shown} === 0", 5)
    check("gone after their time", True)
    browser.run(session, "document.querySelector('.app-wallet button').click()")
    browser.run(session, ask.replace("TYPED", "'SHOW'"))
    browser.wait(session, f"{shown} > 0")
    click(session, "recovery-close")
    browser.wait(session, f"{shown} === 0", 5)
    check("gone when closed", True)

    # One thing at a time, and nothing that is not asked for any more.
    session = ready()
    offline(session, True)
    browser.choose(session, "#app-files", [cards / "several-wallets.img.zst"])
    examined(session, 1)
    click(session, "recover")
    click(session, "search")
    browser.wait(session, "document.querySelector('.app-wallet button')")
    once = ask.replace("TYPED", "'SHOW'")
    press = "document.querySelectorAll('.app-wallet button')[NUMBER].click();"
    browser.run(session, f"{press.replace('NUMBER', '0')} asking = {{ wallet: 99 }}; {once}")
    status = "document.getElementById('app-ask-status').textContent"
    browser.wait(session, status)
    check("what cannot be shown is said", browser.run(session, status) == "there is no such wallet", browser.run(session, status))
    click(session, "reveal-close")
    browser.run(session, f"{press.replace('NUMBER', '0')} {once}; {once}")
    browser.wait(session, f"{shown} > 0")
    time.sleep(0.5)
    check("words asked for twice are shown once", browser.run(session, f"{shown} === found.recovered[0].words"), browser.run(session, shown))
    click(session, "reveal-close")
    browser.run(session, f"{press.replace('NUMBER', '0')} {once}; document.getElementById('app-reveal-close').click();"
                         + press.replace("NUMBER", "3"))
    time.sleep(0.5)
    check("no words of a wallet that is no longer asked for", browser.run(session, shown) == 0)
    click(session, "reveal-close")
    for one in saved.glob("*.zip"):
        one.unlink()
    browser.run(session, "for (const time of [1, 2]) document.getElementById('app-save-zip').click()")
    time.sleep(2)
    zips = list(saved.glob("*.zip"))
    check("the archive is saved once and whole", [zipfile.is_zipfile(one) for one in zips] == [True], zips)

    # No seed stays behind a listing, nor behind what was recovered: neither in the page nor in the memory of its program.
    secrets = seeds(cards)
    check("there are seeds to look for", len(secrets) >= 3, len(secrets))
    session = ready()
    browser.run(session, "window.ended = 0; Worker.prototype.terminate = () => { window.ended += 1; }")
    browser.events.clear()
    # Uncompressed: the window of a decoder is freed without being wiped (SECURITY.md).
    raw = work / "raw"
    raw.mkdir()
    for image in images:
        subprocess.run(["zstd", "-dqf", image, "-o", raw / image.stem], check=True)
    raw = sorted(raw.glob("*.img"))
    browser.choose(session, "#app-files", raw)
    examined(session, len(raw))
    three = lambda phrase, between: [between.join(phrase.split()[at:at + 3]) for at in range(0, len(phrase.split()) - 2)]
    hidden = [list(seed) for seed in secrets]
    hidden += [list(part.encode()) for one in words for part in three(one["words"], "\n")]
    look = """(() => {
      if (typeof memory === 'undefined' || !memory) return [0, []];
      const bytes = new Uint8Array(memory.buffer);
      const found = [];
      for (const [number, secret] of HIDDEN.entries())
        for (let at = bytes.indexOf(secret[0]); at >= 0; at = bytes.indexOf(secret[0], at + 1))
          if (secret.every((byte, index) => bytes[at + index] === byte)) { found.push([number, at]); break; }
      return [bytes.length, found];
    })()""".replace("HIDDEN", json.dumps(hidden))

    def looked():
        """How much memory the workers have, and what is in it."""
        size, left = 0, []
        for one in browser.events:
            if one["method"] != "Target.attachedToTarget":
                continue
            try:
                more, found = browser.run(one["params"]["sessionId"], look)
            except (RuntimeError, TimeoutError):
                continue
            size += more
            left += found
        return size, left

    size, left = looked()
    check("the memory of the program was looked into", size > 1 << 20, size)
    check("no seed in the memory of the program", not left, left)
    offline(session, True)
    click(session, "recover")
    number = [card.name for card in raw].index("several-wallets.img")
    browser.run(session, f"document.getElementById('app-which').value = '{number}'")
    click(session, "search")
    browser.wait(session, "!document.getElementById('app-save-zip').hidden", 300)
    save(session, "save-zip", "bitbox02-recovered.zip")
    browser.run(session, "document.querySelector('.app-wallet button').click()")
    browser.run(session, ask.replace("TYPED", "'SHOW'"))
    browser.wait(session, f"{shown} > 0")
    size, left = looked()
    check("what is recovered is in it", left, size)
    ended = browser.run(session, "window.ended")
    click(session, "recovery-close")
    browser.wait(session, f"window.ended > {ended}", 5)
    size, left = looked()
    check("no seed and no word in it afterwards", size > 1 << 20 and not left, left)
    chunks = []
    browser.events.clear()
    browser.call("HeapProfiler.enable", session)
    browser.call("HeapProfiler.takeHeapSnapshot", session)
    heap = "".join(one["params"]["chunk"] for one in browser.events if one["method"] == "HeapProfiler.addHeapSnapshotChunk")
    there = [one["words"][:8] for one in words if any(part in heap for part in three(one["words"], " "))]
    check("no words in the heap of the page", len(heap) > 100000 and not there, there)
    check("no seed in the heap of the page", not any(seed.hex() in heap for seed in secrets))

    # What a hostile card says stays text.
    session = ready()
    browser.run(session, "window.run = 0")
    browser.events.clear()
    browser.choose(session, "#app-files", sorted(hostile.glob("*.img")))
    began = time.time()
    examined(session, len(sorted(hostile.glob("*.img"))), 300)
    print(f"    hostile cards examined in {time.time() - began:.2f} s")
    scripts = browser.run(session, "document.querySelectorAll('#app-report script, #app-report iframe, #app-report img, #app-report [onerror], #app-report [onload]').length")
    check_memory("hostile cards", sorted(hostile.glob("*.img")))
    check("no markup from a card", scripts == 0, scripts)
    picture(session, "hostile", 390, "light")
    check("no wider than 390 pixels", browser.run(session, "document.documentElement.scrollWidth") <= 390)

    # Many cards.
    session = ready()
    many = sorted(fleet.glob("*.img*"))
    began = time.time()
    browser.choose(session, "#app-files", many)
    examined(session, len(many), 600)
    print(f"    {len(many)} cards examined and shown in {time.time() - began:.2f} s")
    ours = json.loads(save(session, "save-audit", "bitbox02-audit.json"))
    theirs = json.loads(cli("audit", "--json", *[one.name for one in many], folder=fleet))
    same = [plain({**one, "modified": None}) == plain({**other, "modified": None}) for one, other in zip(ours["sources"], theirs["sources"])]
    check(f"{len(many)} cards, each as by the program", len(same) == len(many) and all(same), same.count(False))
    check_memory(f"{len(many)} cards", many)
    check("and the wallets across them", plain(ours["wallets"]) == plain(theirs["wallets"]))

    # Nothing leaves: what is tried is refused, and nothing was tried.
    browser.events.clear()
    refused = browser.run(session, "fetch('https://example.invalid/').then(() => false, () => true)")
    blocked = [one for one in browser.events if one["method"] == "Log.entryAdded" and "Content Security Policy" in one["params"]["entry"]["text"]]
    check("the policy forbids what would leave", refused and blocked)
finally:
    browser.close()

log = json.loads(net_log.read_text())
kinds = {number: name for name, number in log["constants"]["logEventTypes"].items()}
asked = {
    event["params"]["url"]
    for event in log["events"]
    if kinds[event["type"]] == "URL_REQUEST_START_JOB"
    and event.get("params", {}).get("initiator", "") not in ("", "not an origin")
}
asked = {url for url in asked if not url.startswith(("file://", "blob:", "data:"))}
check("no request left the browser", not asked, asked)
shutil.rmtree(work, ignore_errors=True)
sys.exit(1 if failed else 0)
