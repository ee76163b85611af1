"""A headless Chromium that a test drives, by the DevTools protocol over its WebSocket.

Each has a profile of its own, and speaks to nobody but the pages that it is sent to.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from websockets.sync.client import connect

from tests.support import need, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from websockets.sync.client import ClientConnection

_WAIT_S = 30

_ARGUMENTS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--window-size=1200,900",
    "--remote-debugging-port=0",
)


class Failed(Exception):
    """The browser could not do what it was asked to; the reason is its own."""


class Page:
    """A tab, or the browser as a whole."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)

    def visit(self, url: str) -> None:
        """Goes there and waits until it is loaded, or raises what the browser says, as `Failed`."""
        if error := self.send("Page.navigate", url=url).get("errorText"):
            raise Failed(error)
        self.wait_for("document.readyState === 'complete'")

    def reload(self) -> None:
        """Loads the page anew."""
        self.run("window.isOld = true")
        self.send("Page.reload")
        self.wait_for("!window.isOld && document.readyState === 'complete'")

    def run(self, code: str) -> Any:
        """The value of an expression; a promise's when it is kept."""
        done = self.send("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise Failed(json.dumps(done["exceptionDetails"]))
        return done["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Waits until an expression is true."""

        def holds() -> bool:
            try:
                return bool(self.run(f"!!({condition})"))  # an element by value is empty
            except Failed:  # the page was left while it was asked
                return False

        wait_until(holds, seconds=_WAIT_S, what=f"{condition} in the browser")

    def click(self, selector: str) -> None:
        """Clicks with the mouse at the middle of an element, once it is there and enabled."""
        with self.pressed(selector):
            pass

    @contextmanager
    def pressed(self, selector: str) -> Generator[None]:
        """Holds the mouse down at the middle of an element, for the length of the block."""
        one = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{one} && !{one}.disabled")
        x, y = self.run(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
            f"(({one}.scrollIntoView({{block: 'center', behavior: 'instant'}}),"
            f" {one}.getBoundingClientRect()))"
        )
        event = {"x": x, "y": y, "button": "left", "clickCount": 1}
        self.send("Input.dispatchMouseEvent", type="mousePressed", **event)
        yield
        self.send("Input.dispatchMouseEvent", type="mouseReleased", **event)

    def text(self, selector: str) -> str:
        """What an element says."""
        found = self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")
        assert isinstance(found, str)
        return found

    def texts(self, selector: str) -> list[str]:
        """What each of the elements says."""
        all_of = f"[...document.querySelectorAll({json.dumps(selector)})]"
        found: list[str] = self.run(f"{all_of}.map((each) => each.innerText)")
        return found

    def picture(self, path: Path) -> None:
        """Writes what is seen, as a PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    def send(self, method: str, **params: object) -> dict[str, Any]:
        """Sends a command of the protocol; its result."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._connection.recv(timeout=_WAIT_S))
            if told.get("id") == number:
                if "error" in told:
                    raise Failed(told["error"]["message"])
                result: dict[str, Any] = told["result"]
                return result


class Browser:
    """A Chromium that runs."""

    def __init__(self, port: int, path: str) -> None:
        self._address = f"ws://127.0.0.1:{port}"
        self._path = path

    @contextmanager
    def page(self) -> Generator[Page]:
        """The window of a visitor who was nowhere before, for the length of the block."""
        with self._speaking(self._path) as browser:
            context = browser.send("Target.createBrowserContext")["browserContextId"]
            # In a window of its own: what is behind another tab is not drawn, and hears no mouse.
            target = browser.send(
                "Target.createTarget", url="about:blank", browserContextId=context, newWindow=True
            )["targetId"]
            with self._speaking(f"/devtools/page/{target}") as page:
                yield page
            browser.send("Target.disposeBrowserContext", browserContextId=context)

    @contextmanager
    def _speaking(self, path: str) -> Generator[Page]:
        url = self._address + path
        with connect(url, max_size=None, open_timeout=_WAIT_S, proxy=None) as connection:
            yield Page(connection)


@contextmanager
def chromium(profile: Path, env: Mapping[str, str] | None = None) -> Generator[Browser]:
    """A browser, for the length of the block; `env` is added to its environment."""
    program = need("chromium", package="chromium")
    argv = [program, *_ARGUMENTS, f"--user-data-dir={profile}"]
    if os.geteuid() == 0:
        argv.append("--no-sandbox")  # which it has for ordinary users only
    written = profile / "DevToolsActivePort"
    with spawn(argv, env={**os.environ, **(env or {})}) as running:
        wait_until(
            lambda: written.exists() and "/devtools/" in written.read_text(),
            seconds=_WAIT_S,
            what=f"Chromium: {running.output}",
        )
        port, path = written.read_text().splitlines()[:2]
        yield Browser(int(port), path)
