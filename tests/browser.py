"""Headless Chromium, driven through a pipe, for what only a browser can tell of a page.

    with Browser() as browser:
        page = browser.open(path, width=390, height=844, dark=True)
        page.screenshot(target)

Chrome DevTools Protocol, as messages that end with a null byte, over the two file
descriptors of `--remote-debugging-pipe`. Nothing is downloaded and no port is opened.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final, final

import pytest

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS: Final = (
    "--headless=new",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    # Of its own accord it would look for updates.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
_PATIENCE: Final = 60.0


def chromium() -> str:
    """Return the path of Chromium; without one the test is skipped, and says so.

    With ``DLLGUARD_REQUIRE_BENCH=1`` in the environment it fails.
    """
    if sys.platform == "win32":
        pytest.skip("no browser: the pipe to Chromium is a matter of POSIX")
    for name in _NAMES:
        path = shutil.which(name)
        if path is not None:
            return path
    reason = f"no browser: none of {', '.join(_NAMES)} is installed"
    if os.environ.get("DLLGUARD_REQUIRE_BENCH") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@final
class Browser:
    """One Chromium, ended when it is left."""

    def __init__(self) -> None:
        program = chromium()
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs, ours = os.pipe()
        mine, back = os.pipe()
        options = [*_OPTIONS, f"--user-data-dir={self._folder.name}"]
        if sys.platform != "win32" and os.geteuid() == 0:
            options.append("--no-sandbox")
        # The shell gives the pipes the two numbers that Chromium expects.
        line = f"exec {shlex.join([program, *options])} 3<&{theirs} 4>&{back}"
        self._process = subprocess.Popen(
            ["bash", "-c", line],
            pass_fds=(theirs, back),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(back)
        self._write, self._read = ours, mine
        self._buffer = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._write)
        os.close(self._read)
        self._process.terminate()
        self._process.wait(20)
        self._folder.cleanup()

    def open(self, path: Path, *, width: int, height: int, dark: bool = False) -> Page:
        """Open a file in a window of its own, and wait until it is loaded."""
        self.events.clear()
        made = self.call("Target.createTarget", url="about:blank")
        attached = self.call(
            "Target.attachToTarget", targetId=made["targetId"], flatten=True
        )
        page = Page(self, attached["sessionId"])
        for domain in ("Page", "Network", "Runtime", "Log"):
            page.call(f"{domain}.enable")
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.call("Emulation.setEmulatedMedia", features=[scheme])
        start = time.monotonic()
        page.call("Page.navigate", url=path.as_uri())
        while not self._has_loaded(path.as_uri()):
            self._receive()
        page.seconds = time.monotonic() - start
        return page

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result

    def _has_loaded(self, address: str) -> bool:
        """Tell whether a page is complete: the empty one before it says so as well."""
        loaded = False
        for event in self.events:
            if event["method"] == "Page.frameNavigated":
                loaded = event["params"]["frame"]["url"] == address
            elif event["method"] == "Page.loadEventFired" and loaded:
                return True
        return False

    def _receive(self) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready = select.select([self._read], [], [], deadline - time.monotonic())[0]
            assert ready, "Chromium does not answer"
            chunk = os.read(self._read, 1 << 20)
            assert chunk, "Chromium has ended"
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self.events.append(message)
        return message


class Page:
    """One open page."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.seconds = 0.0

    @property
    def requested(self) -> list[str]:
        """The addresses that were asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self._browser.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    @property
    def complaints(self) -> list[str]:
        """What the browser's console says: refusals of the policy, errors."""
        logged = {"Log.entryAdded", "Runtime.exceptionThrown"}
        events = self._browser.events
        return [str(e["params"]) for e in events if e["method"] in logged]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol on this page."""
        return self._browser.call(method, self._session, **params)

    def value(self, expression: str) -> Any:
        """Return what an expression comes to in the page."""
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + _PATIENCE
        while not self.value(condition):
            assert time.monotonic() < deadline, f"never: {condition}"
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        """Click into the middle of the first element that a selector finds."""
        box = self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=box[0],
                y=box[1],
                button="left",
                clickCount=1,
            )

    def screenshot(self, target: Path) -> None:
        """Write a picture of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {**size, "height": min(size["height"], 6000), "scale": 1}
        data = self.call(
            "Page.captureScreenshot", captureBeyondViewport=True, clip=clip
        )
        target.write_bytes(base64.b64decode(data["data"]))
