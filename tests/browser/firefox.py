#!/usr/bin/env python3
"""The page of `web` in headless Firefox, from a file, over the protocol Marionette: its answers are the program's.

firefox.py PAGE PROGRAM
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from answers import plain

page, program = (Path(one).resolve() for one in sys.argv[1:3])
work = Path(tempfile.mkdtemp())
saved = work / "saved"
saved.mkdir()
profile = work / "profile"
profile.mkdir()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
(profile / "user.js").write_text("".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in {
    "marionette.port": port,
    "browser.download.dir": str(saved),
    "browser.download.folderList": 2,
    "browser.helperApps.neverAsk.saveToDisk": "application/json,application/zip,text/html",
    "browser.download.alwaysOpenPanel": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
}.items()))


class Marionette:
    def __init__(self):
        until = time.time() + 60
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), 60)
                break
            except OSError:
                if time.time() > until:
                    raise
                time.sleep(0.2)
        self.rest, self.number = b"", 0
        self.receive()

    def receive(self):
        while b":" not in self.rest:
            self.rest += self.socket.recv(1 << 16)
        length, _, self.rest = self.rest.partition(b":")
        while len(self.rest) < int(length):
            self.rest += self.socket.recv(1 << 16)
        message, self.rest = self.rest[:int(length)], self.rest[int(length):]
        return json.loads(message)

    def call(self, name, **parameters):
        self.number += 1
        message = json.dumps([0, self.number, name, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, answer = self.receive()
        if error:
            raise RuntimeError(f"{name}: {error}")
        return answer

    def run(self, script):
        return self.call("WebDriver:ExecuteScript", script=f"return {script}", args=[])["value"]

    def wait(self, condition, within=120):
        until = time.time() + within
        while not self.run(condition):
            if time.time() > until:
                raise TimeoutError(f"{condition}: {self.run(STATUS)}")
            time.sleep(0.05)

    def element(self, selector):
        found = self.call("WebDriver:FindElement", using="css selector", value=selector)["value"]
        return next(iter(found.values()))


STATUS = "document.getElementById('app-status').textContent"
failed = []


def check(what, holds, seen=""):
    print("ok " if holds else "NO ", "Firefox:", what, "" if holds else str(seen)[:2000])
    if not holds:
        failed.append(what)


def save(button, name):
    file = saved / name
    browser.run(f"document.getElementById('app-{button}').click()")
    until = time.time() + 60
    while not file.exists() or list(saved.glob("*.part")) or file.stat().st_size == 0:
        if time.time() > until:
            raise TimeoutError(name)
        time.sleep(0.1)
    time.sleep(0.3)
    return file.read_bytes()


process = subprocess.Popen(["firefox-esr", "--headless", "--marionette", "--profile", profile],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    browser = Marionette()
    browser.call("WebDriver:NewSession")
    cards = work / "cards"
    shutil.copytree("testdata", cards)
    images = sorted(cards.glob("*.zst"))
    for image in images:
        subprocess.run(["touch", "-d", "@1600000000", image], check=True)
    browser.call("WebDriver:Navigate", url=page.as_uri())
    browser.wait(f"{STATUS} === 'Ready.'")
    began = time.time()
    browser.call("WebDriver:ElementSendKeys", id=browser.element("#app-files"), text="\n".join(map(str, images)))
    browser.wait(f"/examined/.test({STATUS})")
    print(f"    Firefox: {len(images)} cards examined and shown in {time.time() - began:.2f} s")
    names = [image.name for image in images]
    for button, command, name in [("save-list", "list", "bitbox02-list.json"), ("save-audit", "audit", "bitbox02-audit.json")]:
        ours = json.loads(save(button, name))
        theirs = json.loads(subprocess.run([program, command, "--json", *names], cwd=cards, capture_output=True).stdout)
        check(f"{command} --json", plain(ours) == plain(theirs))
    check("the report is shown", browser.run("document.querySelectorAll('#app-report .card').length") == len(images))
    browser.run("document.getElementById('app-recover').click()")
    browser.run("document.getElementById('app-search').click()")
    browser.wait("document.getElementById('app-save-zip').hidden === false", 300)
    check("recovered", browser.run("document.querySelectorAll('.app-wallet.ok').length") > 0)
    refused = browser.call("WebDriver:ExecuteAsyncScript", args=[], script="""
        fetch('https://example.invalid/').then(() => arguments[0](false), () => arguments[0](true))""")["value"]
    check("the policy forbids what would leave", refused)
finally:
    process.kill()
    process.wait()
    shutil.rmtree(work, ignore_errors=True)
sys.exit(1 if failed else 0)
