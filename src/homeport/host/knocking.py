"""Whether something answers at a port of this machine: one try, within an event loop.

Who is ready is found out by trying: nothing tells of the moment at which a server begins to listen
(`host.listening` tells whose listener it is).
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket

from homeport.wire.protocols import NONSENSE

_MOST_HEAD = 1 << 16
_FAMILIES = {True: socket.AF_INET6, False: socket.AF_INET}


async def connects(address: str, port: int) -> str | None:
    """None where a connection is taken; why not, in words, otherwise. Whoever calls bounds it."""
    failure, opened = await _opened(address, port)
    if opened is not None:
        opened.close()
    return failure


async def http_status(address: str, port: int, path: str) -> int | str:
    """The status that a GET of the path is answered with; why there is none, in words, otherwise.

    Without a path it is that of a line which is no request: the server refuses it, and no handler
    of the application runs. What follows the head is not read. Whoever calls bounds it.
    """
    failure, opened = await _opened(address, port)
    if opened is None:
        return failure or "it does not answer"
    with opened:
        try:
            return await _asked(opened, _request(path, port) if path else NONSENSE)
        except OSError as error:
            return f"it breaks the connection: {error.strerror}"


async def _opened(address: str, port: int) -> tuple[str | None, socket.socket | None]:
    """Either a connection, or why there is none."""
    opened = socket.socket(_FAMILIES[":" in address], socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, (address, port))
        met_itself = opened.getsockname() == opened.getpeername()
    except OSError as error:
        opened.close()
        return _words(error, port), None
    except BaseException:
        opened.close()
        raise
    if met_itself:
        # In the range from which the kernel assigns, a connection can do so (RFC 9293, 3.5).
        opened.close()
        return f"nothing listens on port {port}", None
    return None, opened


def _words(error: OSError, port: int) -> str:
    if error.errno == errno.ECONNREFUSED:
        return f"nothing listens on port {port}"
    return f"no connection to port {port}: {os.strerror(error.errno or 0)}"


async def _asked(opened: socket.socket, request: bytes) -> int | str:
    from homeport.wire.http1 import looks_like_http, read_response

    loop = asyncio.get_running_loop()
    await loop.sock_sendall(opened, request)
    head = b""
    while len(head) < _MOST_HEAD and (data := await loop.sock_recv(opened, 4096)):
        head += data
        if b"\n\r\n" in head or b"\n\n" in head or not b"HTTP/".startswith(head[:5]):
            response = read_response(head)
            if response is not None:
                return response.status
            if not looks_like_http(head):
                return "it answers with something else than HTTP/1"
    return "it closes the connection without an answer" if not head else "its answer is no HTTP/1"


def _request(path: str, port: int) -> bytes:
    """With the Host that a person would use: some servers refuse others."""
    target = "/" + path.removeprefix("/")
    quoted = "".join(map(_quoted, target))
    lines = (
        f"GET {quoted} HTTP/1.1",
        f"Host: localhost:{port}",
        "User-Agent: homeport",
        "Accept: */*",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")


def _quoted(character: str) -> str:
    if "!" <= character <= "~":
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
