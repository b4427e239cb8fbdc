"""A real headless Chromium, told what to do through a pipe: no port, no driver, nothing that could reach a network."""

import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--headless",
    "--no-sandbox",  # a sandbox needs rights that tests in a container have not; what is opened are pages of our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
BOUND_S = 30.0
MM_PER_INCH = 25.4
A4_MM, LETTER_MM = (210.0, 297.0), (215.9, 279.4)


class Browser:
    """One running browser."""

    def __init__(self, program: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="ems-browser-")
        (its_in, self._out), (self._in, its_out) = os.pipe(), os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (its_in, its_out)]

        def as_it_expects() -> None:
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        command = [program, *QUIET, f"--user-data-dir={self._folder}", "about:blank"]
        with (Path(self._folder) / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=as_it_expects, close_fds=False
            )
        for end in (its_in, its_out, *ends):
            os.close(end)
        self._number = 0
        self._left = b""
        self.events: list[dict[str, Any]] = []

    def do(self, method: str, session: str = "", **params: Any) -> Any:
        """One command of the browser's own protocol, and what it answers."""
        self._number += 1
        words = {"id": self._number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._out, json.dumps(words).encode() + b"\0")
        answer = self._until(lambda told: told.get("id") == self._number)
        assert "error" not in answer, answer
        return answer["result"]

    def close(self) -> None:
        """End it and remove everything of it."""
        os.close(self._out)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        os.close(self._in)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _until(self, wanted: Any) -> dict[str, Any]:
        for told in self._told(time.monotonic() + BOUND_S):
            if "method" in told:
                self.events.append(told)
            if wanted(told):
                return told
        raise AssertionError(
            "the browser does not answer: " + (Path(self._folder) / "log").read_text("utf-8", "replace")[-2000:]
        )

    def _told(self, until_s: float) -> Iterator[dict[str, Any]]:
        while True:
            message, end, rest = self._left.partition(b"\0")
            if end:
                self._left = rest
                yield json.loads(message)
                continue
            if not select.select([self._in], [], [], max(0.0, until_s - time.monotonic()))[0]:
                return
            more = os.read(self._in, 2**16)
            if not more:
                return
            self._left += more


class Page:
    """One file, opened."""

    def __init__(self, browser: Browser, file: Path) -> None:
        self._browser = browser
        target = browser.do("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.do(f"{domain}.enable")
        self.do("Page.navigate", url=file.as_uri())
        self._wait_until_loaded(file.as_uri())

    def _wait_until_loaded(self, address: str) -> None:
        until_s = time.monotonic() + BOUND_S
        while self.value("[location.href, document.readyState]") != [address, "complete"]:
            assert time.monotonic() < until_s, f"{address} does not load"

    def do(self, method: str, **params: Any) -> Any:
        """A command for this page."""
        return self._browser.do(method, self._session, **params)

    def told(self, method: str) -> list[dict[str, Any]]:
        """What has happened on it, of this kind."""
        mine = [told for told in self._browser.events if told.get("sessionId") == self._session]
        return [told["params"] for told in mine if told["method"] == method]

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript is worth; it runs beside the page, whatever the page allows itself."""
        answer = self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def at_width(self, width: int, media: str = "screen") -> None:
        """As in a window, or on paper, of so many pixels."""
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False)
        self.do("Emulation.setEmulatedMedia", media=media)

    def printed(self, paper_mm: tuple[float, float]) -> bytes:
        """As PDF on this paper, with the margins of the page itself."""
        self.do("Emulation.setEmulatedMedia", media="")
        width, height = (side / MM_PER_INCH for side in paper_mm)
        answer = self.do("Page.printToPDF", paperWidth=width, paperHeight=height, preferCSSPageSize=True, printBackground=False)
        return b64decode(answer["data"])


def browser_or_skip() -> Browser:
    """A browser. Where none can be had the test is skipped with a loud reason, on CI it fails."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        reason = "NO CHROMIUM HERE: no page of a report is looked at in a browser. Install it: make chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Browser(program)
