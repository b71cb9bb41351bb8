"""A browser of the Chromium family, over the pipe of its DevTools protocol: nothing but Python is needed."""

import fcntl
import json
import os
import select
import subprocess
import time


class Browser:
    def __init__(self, profile, *arguments):
        to_browser, ours = os.pipe()
        theirs, from_browser = os.pipe()

        def descriptors():
            # The protocol's pipes are 3 and 4, which may be the numbers of either by now.
            both = [fcntl.fcntl(pipe, fcntl.F_DUPFD, 64) for pipe in (to_browser, from_browser)]
            for pipe, number in zip(both, (3, 4)):
                os.dup2(pipe, number)
            os.set_inheritable(3, True)
            os.set_inheritable(4, True)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--hide-scrollbars", f"--user-data-dir={profile}", "--remote-debugging-pipe", *arguments],
            preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.out, self.inn = ours, theirs
        self.rest, self.number, self.events, self.answers = b"", 0, [], {}

    def read(self, within):
        """Reads what the browser says, for at most so long; false if it says nothing."""
        ready, _, _ = select.select([self.inn], [], [], within)
        if not ready:
            return False
        said = os.read(self.inn, 1 << 20)
        if not said:
            raise EOFError("the browser is gone")
        *whole, self.rest = (self.rest + said).split(b"\0")
        for one in whole:
            one = json.loads(one)
            if "id" in one:
                self.answers[one["id"]] = one
            else:
                self.events.append(one)
        return True

    def call(self, method, session=None, within=60, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        until = time.time() + within
        while self.number not in self.answers:
            if time.time() > until:
                raise TimeoutError(method)
            self.read(1)
        answer = self.answers.pop(self.number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, address):
        """Opens a page; returns its session."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log", "DOM"]:
            self.call(f"{domain}.enable", session)
        self.call("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
        self.call("Page.navigate", session, url=address)
        return session

    def run(self, session, script, within=60):
        """What a script gives; a promise is waited for."""
        answer = self.call("Runtime.evaluate", session, within, expression=script, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, session, condition, within=60):
        until = time.time() + within
        while not self.run(session, f"Boolean({condition})"):
            if time.time() > until:
                raise TimeoutError(condition)
            self.read(0.05)

    def choose(self, session, element, files):
        """Gives files to an input, as a person does in the system's dialog."""
        root = self.call("DOM.getDocument", session)["root"]["nodeId"]
        node = self.call("DOM.querySelector", session, nodeId=root, selector=element)["nodeId"]
        self.call("DOM.setFileInputFiles", session, nodeId=node, files=[str(file) for file in files])

    def close(self):
        try:
            self.call("Browser.close", within=5)
        except (TimeoutError, EOFError, RuntimeError, OSError):
            pass
        try:
            self.process.wait(30)  # it writes its log
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
