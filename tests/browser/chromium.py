"""A headless Chromium, driven over a pipe by its DevTools protocol: no library, no port."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Final

PATIENCE: Final = (
    60.0  # seconds for one answer: the page has five megabytes, and other tests run beside
)
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--disable-extensions", "--mute-audio", "--hide-scrollbars"),
)
WIRED: Final = 'exec "$@" 3<&$COMMANDS 4>&$ANSWERS'
CONSOLE: Final = frozenset(
    {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}
)


class Chromium:
    """One browser. Whatever it says between answers is kept in `events`."""

    def __init__(self, program: str, profile: Path) -> None:
        reads, self._writes = os.pipe()
        self._reads, writes = os.pipe()
        wires = {"COMMANDS": str(reads), "ANSWERS": str(writes)}
        words = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", WIRED, "bash", *words],
            env={**os.environ, **wires},
            pass_fds=(reads, writes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(reads)
        os.close(writes)
        self._left = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # the protocol
        """The answer to one command, waited for no longer than PATIENCE."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        said = json.dumps({**command, "sessionId": session} if session else command)
        os.write(self._writes, said.encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while True:
            message = self._next(until, method)
            if message.get("id") != self._number:
                self.events.append(message)
                continue
            assert "error" not in message, f"{method}: {message['error']}"
            answer: dict[str, Any] = message["result"]
            return answer

    def wait_for(self, event: str, session: str) -> None:
        """Wait, bounded, until the browser has told an event."""
        until = time.monotonic() + PATIENCE
        while not any(
            one.get("method") == event and one.get("sessionId") == session for one in self.events
        ):
            self.events.append(self._next(until, event))

    def close(self) -> None:
        """End the browser and all that it started."""
        try:
            self.ask("Browser.close")
        finally:
            os.close(self._writes)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(PATIENCE)
            os.close(self._reads)

    def _next(self, until: float, awaited: str) -> dict[str, Any]:
        while b"\0" not in self._left:
            left = until - time.monotonic()
            ready = select.select([self._reads], [], [], max(left, 0))[0]
            assert ready, f"Chromium said nothing about {awaited} for {PATIENCE:.0f} s"
            more = os.read(self._reads, 1 << 20)
            assert more, f"Chromium ended while {awaited} was waited for"
            self._left += more
        said, _, self._left = self._left.partition(b"\0")
        message: dict[str, Any] = json.loads(said)
        return message


class Page:
    """One tab of the browser, of a given size, with one file open in it."""

    def __init__(self, browser: Chromium, width: int, theme: str = "light") -> None:
        self._browser = browser
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self._target = target
        attached = browser.ask("Target.attachToTarget", targetId=target, flatten=True)
        self.session: str = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.resize(width)
        self.emulate(theme)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # the protocol
        """One command to this tab."""
        return self._browser.ask(method, self.session, **parameters)

    def resize(self, width: int) -> None:
        """Give the window another width."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1}
        self.ask("Emulation.setDeviceMetricsOverride", mobile=width < 600, **size)
        self.settle()

    def settle(self) -> None:
        """Wait for the next frame, with all that was due before it; only a tab in front has any."""
        self.ask("Page.bringToFront")
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")

    def emulate(self, theme: str, media: str = "") -> None:
        """Let the system prefer a theme, or let the page be on paper."""
        feature = {"name": "prefers-color-scheme", "value": theme}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[feature])

    def open(self, path: Path) -> None:
        """Open a file, and wait until all of it has run."""
        self.ask("Page.navigate", url=path.as_uri())
        self._browser.wait_for("Page.loadEventFired", self.session)

    def run(self, script: str) -> Any:  # noqa: ANN401  # whatever the page says
        """What an expression comes to in the page; promises are awaited."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """Press and release a key where the focus is."""
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, text=text)

    def told(self, *methods: str) -> list[dict[str, Any]]:
        """What the browser told of this tab, under one of these names."""
        mine = (one for one in self._browser.events if one.get("sessionId") == self.session)
        return [one["params"] for one in mine if one.get("method") in methods]

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """Whatever went to the console, and every exception that nobody caught."""
        self.settle()
        return self.told(*CONSOLE)

    @property
    def requests(self) -> list[str]:
        """The address of everything that was asked for."""
        return [one["request"]["url"] for one in self.told("Network.requestWillBeSent")]

    def close(self) -> None:
        """Close the tab."""
        self._browser.ask("Target.closeTarget", targetId=self._target)
