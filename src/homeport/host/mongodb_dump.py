"""Dumps a database of a MongoDB of ours and restores it: a program, run while the server runs.

    python -m homeport.host.mongodb_dump (dump | restore) DATABASE ADDRESS PORT

A dump is the commands that make the database again, one BSON document each; documents pass through
as they are. The key comes by environment (`mongodb_admin`). A restore runs only the four kinds of
commands that a dump consists of. Each collection is read as a cursor reads it: what is written
meanwhile may be in it or not.
"""

from __future__ import annotations

import os
import struct
import sys
from contextlib import closing
from socket import create_connection

from homeport.host.mongodb_admin import PATIENCE_S, Line, log_in
from homeport.model.errors import BrokenMessage, HomeportError, NotPermitted
from homeport.wire.bson_raw import (
    ARRAY,
    INT32,
    INT64,
    LARGEST,
    Element,
    built,
    elements,
    found,
    text,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

MAGIC = b"homeport mongodb dump 1\n"
END = b"homeport mongodb dump is whole\n"
_NO_MORE = bytes(4)  # as a length: no document has it

_BATCH = 1000
_EMPTY = struct.pack("<iB", 5, 0)
_COMMANDS = frozenset({"drop", "create", "insert", "createIndexes"})
_NO_SUCH_COLLECTION = 26


def dump(line: Line, database: str, write: Callable[[bytes], object]) -> None:
    """Writes the collections with their documents and indexes, and then the views."""
    write(MAGIC)
    listed = [each for batch in _batches(line, database, _listing()) for each in elements(batch)]
    collections = [each.value for each in listed if not _name_of(each.value).startswith("system.")]
    for each in sorted(collections, key=lambda each: (_is_view(each), _name_of(each))):
        name, options = _name_of(each), found(each, "options")
        write(built([text("drop", name)]))
        kept = elements(options.value) if options is not None else ()
        write(built([text("create", name), *kept]))
        if not _is_view(each):
            _dump_content(line, database, name, write)
    write(_NO_MORE + END)


def _dump_content(line: Line, database: str, name: str, write: Callable[[bytes], object]) -> None:
    for documents in _batches(line, database, [text("find", name), _size_of_batch()]):
        if documents != _EMPTY:
            write(built([text("insert", name), Element(ARRAY, "documents", documents)]))
    for indexes in _batches(line, database, [text("listIndexes", name)]):
        if indexes != _EMPTY:
            write(built([text("createIndexes", name), Element(ARRAY, "indexes", indexes)]))


def restore(line: Line, database: str, source: BinaryIO) -> None:
    """Runs the commands of a dump. Raises BrokenMessage where it is none, or is cut off."""
    if source.read(len(MAGIC)) != MAGIC:
        raise BrokenMessage("this is no dump of a MongoDB that Homeport has made")
    for command in _commands(source):
        answer = _run(line, database, list(elements(command)))
        if found(answer, "writeErrors") is not None:
            raise NotPermitted("MongoDB refused some of the documents")


def _commands(source: BinaryIO) -> Iterator[bytes]:
    while (head := source.read(4)) != _NO_MORE:
        if not head:
            raise BrokenMessage("this dump is cut off")
        length = int.from_bytes(head, "little")
        if len(head) < 4 or not 5 <= length <= LARGEST:
            raise BrokenMessage("this dump is broken")
        command = head + source.read(length - 4)
        first = next(elements(command), None)
        if first is None or first.name not in _COMMANDS:
            raise BrokenMessage("this dump has a command that Homeport does not write")
        yield command


def _listing() -> list[Element]:
    return [Element(INT32, "listCollections", struct.pack("<i", 1))]


def _size_of_batch() -> Element:
    return Element(INT32, "batchSize", struct.pack("<i", _BATCH))


def _batches(line: Line, database: str, command: list[Element]) -> Iterator[bytes]:
    """The arrays that a cursor gives, one after the other."""
    key = "firstBatch"
    while True:
        answer = _run(line, database, command)
        batch, cursor = found(answer, "cursor", key), found(answer, "cursor", "id")
        if batch is None or cursor is None or cursor.kind != INT64:
            raise BrokenMessage("MongoDB answered without a cursor")
        yield batch.value
        if not any(cursor.value):
            return
        space = found(answer, "cursor", "ns")
        name = text_of(space).partition(".")[2] if space is not None else ""
        command = [Element(INT64, "getMore", cursor.value), text("collection", name)]
        command.append(_size_of_batch())
        key = "nextBatch"


def _run(line: Line, database: str, command: list[Element]) -> bytes:
    answer = line.ask_raw(built([*command, text("$db", database)]))
    ok, code = found(answer, "ok"), found(answer, "code")
    if ok is not None and any(ok.value):
        return answer
    was_missing = code is not None and code.value == struct.pack("<i", _NO_SUCH_COLLECTION)
    if command[0].name == "drop" and was_missing:
        return answer
    why = found(answer, "errmsg")
    raise NotPermitted(
        f"MongoDB refused {command[0].name}", why=text_of(why) if why is not None else None
    )


def _name_of(collection: bytes) -> str:
    name = found(collection, "name")
    return text_of(name) if name is not None else ""


def _is_view(collection: bytes) -> bool:
    kind = found(collection, "type")
    return kind is not None and text_of(kind) == "view"


def main(args: list[str]) -> int:
    """The status to exit with."""
    action, database, address, port = args
    try:
        with closing(create_connection((address, int(port)), PATIENCE_S)) as connection:
            line = Line(connection)
            log_in(line, os.environ["HOMEPORT_KEY"])
            if action == "dump":
                dump(line, database, sys.stdout.buffer.write)
                sys.stdout.buffer.flush()
            else:
                restore(line, database, sys.stdin.buffer)
    except (OSError, HomeportError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
