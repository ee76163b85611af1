"""A small web server for the files of one directory: `python -m homeport.host.static_site`.

It is for the owner's own browser. It answers to names of this machine only, so that no page from
elsewhere reads the files by rebinding a name; nothing hidden is served (`.env`, `.git`), no
directory is listed, and no link out of the directory is followed.
"""

from __future__ import annotations

import http.server
import os
import re
import socketserver
import sys
from functools import partial
from http import HTTPStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, ClassVar

_OWN_NAME = re.compile(r"(?:[\w.-]+\.)?localhost\.?|127(?:\.\d{1,3}){3}|\[::1\]", re.IGNORECASE)
_PATIENCE_S = 30


class Handler(http.server.SimpleHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout: ClassVar[float | None] = _PATIENCE_S

    def send_head(self) -> BinaryIO | None:
        """The file that a request is for; None where it was refused."""
        if not _is_own(self.headers.get("Host", "")):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "Not a name of this machine")
            return None
        if not self._may_be_served():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _may_be_served(self) -> bool:
        """Whether the path leads, links followed, into the directory, and to nothing hidden."""
        root = os.path.realpath(self.directory)
        try:
            inside = os.path.relpath(os.path.realpath(self.translate_path(self.path)), root)
        except ValueError:
            return False
        parts = inside.split(os.sep)
        return inside == "." or not any(_is_hidden(part) for part in parts)

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        """A directory without an index is not shown."""
        del path
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """A file that was edited is seen at the next look."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def _is_own(host: str) -> bool:
    return _OWN_NAME.fullmatch(re.sub(r":\d*$", "", host)) is not None


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != ".well-known"


class _Server(http.server.ThreadingHTTPServer):
    """A server that asks nobody for the name of its address."""

    request_queue_size = 128

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


def serve(directory: str, address: str, port: int) -> None:
    """Serves until a signal ends it."""
    with _Server((address, port), partial(Handler, directory=directory)) as server:
        server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
