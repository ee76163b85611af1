"""Tells a MongoDB of ours whom to let in, and empties it: a program, run while the server runs.

    python -m homeport.host.mongodb_admin (account FILE | reset) ADDRESS PORT USER

It logs in as the server's own internal user, whose password is the key that members of a cluster
share (security.keyFile in MongoDB's manual): so there is no moment at which somebody else could
make the first account. Key and password come by environment. With `account`, FILE is made last.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from contextlib import closing

from homeport.model.errors import HomeportError, NotPermitted, NotSupported
from homeport.wire import bson, bson_raw, scram

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.wire.bson import Document

PATIENCE_S = 30
_ALGORITHM = "sha256"
_EXISTS = 51003
_KEPT = frozenset({"admin", "config", "local"})
_MOST_BYTES = 1 << 25


class Line:
    """A connection, over which one command after the other is given."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._number = 0

    def ask(self, database: str, document: Document) -> Document:
        """The answer, whatever it is."""
        self._number += 1
        self._connection.sendall(bson.message(self._number, {**document, "$db": database}))
        data = b""
        while (answer := bson.read_message(self._number, data)) is None:
            piece = self._connection.recv(1 << 16)
            if not piece or len(data) > _MOST_BYTES:
                raise NotSupported("the server hung up, or answered what was not asked")
            data += piece
        return answer

    def ask_raw(self, command: bytes) -> bytes:
        """The document that answers a command which is a document already."""
        self._number += 1
        self._connection.sendall(bson_raw.message(self._number, command))
        head = self._receive(4)
        length = int.from_bytes(head, "little")
        if not len(head) < length <= bson_raw.LARGEST:
            raise NotSupported("the server answered what was not asked")
        return bson_raw.answer_in(self._number, head + self._receive(length - len(head)))

    def _receive(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self._connection.recv(min(size - len(data), 1 << 20))
            if not piece:
                raise NotSupported("the server hung up")
            data += piece
        return bytes(data)

    def do(self, database: str, document: Document) -> Document:
        """The answer to a command that has to succeed."""
        answer = self.ask(database, document)
        if answer.get("ok") != 1:
            name = next(iter(document))
            raise NotPermitted(f"MongoDB refused {name}", why=str(answer.get("errmsg", "")))
        return answer


def log_in(line: Line, key: str) -> None:
    """Logs in as the server's internal user. Raises NotPermitted."""
    bare = scram.first_bare("__system", secrets.token_urlsafe(18))
    first: Document = {"saslStart": 1, "mechanism": "SCRAM-SHA-256"}
    said = line.do("local", {**first, "payload": scram.first_message(bare)})
    proof = scram.prove(bare, _payload(said), scram.prepared(key), _ALGORITHM)
    if proof is None:
        raise NotPermitted("the server's part of the login makes no sense")
    said = _go_on(line, said, proof.message)
    if not scram.is_proven(_payload(said), proof):
        raise NotPermitted("the server does not know the key: it is another one")
    if said.get("done") is not True:
        _go_on(line, said, b"")


def _go_on(line: Line, last: Document, payload: bytes) -> Document:
    conversation = last.get("conversationId", 1)
    document: Document = {"saslContinue": 1, "conversationId": conversation, "payload": payload}
    return line.do("local", document)


def _payload(document: Document) -> bytes:
    found = document.get("payload")
    return found if isinstance(found, bytes) else b""


def _make_account(line: Line, user: str, password: str) -> None:
    role: Document = {"role": "root", "db": "admin"}
    # The file that says it is made may be there before the journal is written, and the server be
    # killed: it is waited for.
    told: Document = {"pwd": password, "roles": [role], "writeConcern": {"w": 1, "j": True}}
    answer = line.ask("admin", {"createUser": user, **told})
    if answer.get("ok") == 1:
        return
    if answer.get("code") != _EXISTS:
        raise NotPermitted(f"MongoDB made no {user}", why=str(answer.get("errmsg", "")))
    line.do("admin", {"updateUser": user, **told})


def _reset(line: Line, user: str) -> None:
    listed = line.do("admin", {"listDatabases": 1, "nameOnly": True}).get("databases")
    for each in listed if isinstance(listed, list) else ():
        name = each.get("name") if isinstance(each, dict) else None
        if isinstance(name, str) and name not in _KEPT:
            line.do(name, {"dropAllUsersFromDatabase": 1})
            line.do(name, {"dropDatabase": 1})
    found = line.do("admin", {"usersInfo": 1}).get("users")
    for each in found if isinstance(found, list) else ():
        other = each.get("user") if isinstance(each, dict) else None
        if isinstance(other, str) and other != user:
            line.do("admin", {"dropUser": other})


def main(args: list[str]) -> int:
    """The status to exit with."""
    *action, address, port, user = args
    key, password = os.environ["HOMEPORT_KEY"], os.environ["HOMEPORT_PASSWORD"]
    try:
        with closing(socket.create_connection((address, int(port)), PATIENCE_S)) as connection:
            line = Line(connection)
            log_in(line, key)
            if action[0] == "reset":
                _reset(line, user)
                return 0
            _make_account(line, user, password)
        os.close(os.open(action[1], os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except (OSError, HomeportError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
