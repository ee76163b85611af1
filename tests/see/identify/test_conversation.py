"""The turns of a conversation, as scripts: what is said, what is answered, what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.identity import Sureness, Tls
from homeport.model.process import Certainty, Process
from homeport.model.sockets import Listener
from homeport.see.identify.catalog import protocols
from homeport.see.identify.conversation import Answer, conversation, identity_of
from homeport.see.identify.suspects import Suspicion, suspicion
from homeport.wire.exchange import Ended, Heard, Turn
from homeport.wire.protocols import NONSENSE, Finding, Probe, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

SILENCE = Heard(b"", Ended.SILENT)
CLOSED = Heard(b"", Ended.CLOSED)


def said(*words: bytes) -> Heard:
    return Heard(b"".join(words), Ended.ENOUGH)


def played(
    suspected: Suspicion, known: Sequence[Protocol], *script: Heard
) -> tuple[list[Turn], Answer | None]:
    """The turns that a conversation takes while it is answered from a script, and its end."""
    talk = conversation(suspected, known)
    turns = [next(talk)]
    for heard in script:
        try:
            turns.append(talk.send(heard))
        except StopIteration as stop:
            assert heard is script[-1], "it ended before the script did"
            return turns, stop.value
    pytest.fail(f"it wants more: {turns[-1]}")


def reading(prefix: bytes, name: str, product: str | None = None) -> Protocol:
    def read(data: bytes) -> Finding | None:
        return Finding(name, "that", product) if data.startswith(prefix) else None

    return Protocol(
        name=name,
        source="a test",
        ports=frozenset({9999}),
        programs={f"{name}d": name.upper()},
        greeting=read,
        goodbye=b"BYE\r\n",
        nonsense=read,
        probes=(Probe("a hello", b"HELLO", read, b"QUIT"),),
        common=True,
    )


SPOKEN = reading(b"+", "spoken")
HTTP = next(each for each in protocols() if each.name == "http")
REFUSAL = b"HTTP/1.0 501 No\r\nServer: x\r\n\r\n"


def nobody() -> Suspicion:
    return Suspicion(())


def listener(port: int, *owners: Process, backlog: int | None = 128) -> Listener:
    return Listener(
        endpoint=Endpoint(Transport.TCP, "127.0.0.1", port),
        inode=1,
        netns=1,
        uid=0,
        backlog=backlog,
        certainty=Certainty.SEEN,
        owners=owners,
    )


def test_whoever_greets_is_answered_with_a_goodbye() -> None:
    turns, answer = played(nobody(), [SPOKEN, HTTP], said(b"+ready"), CLOSED)
    assert [turn.say for turn in turns] == [b"", b"BYE\r\n"]
    assert answer is not None
    assert answer.evidence == "it greeted with that"


def test_nonsense_is_said_on_the_same_connection_to_whoever_waits() -> None:
    turns, answer = played(nobody(), [SPOKEN, HTTP], SILENCE, said(REFUSAL))
    assert [(turn.say, turn.fresh) for turn in turns] == [(b"", True), (NONSENSE, False)]
    assert answer is not None
    assert answer.finding.protocol == "http"


def test_a_suspect_is_asked_first_and_nothing_else_is_said_when_it_is_right() -> None:
    suspected = suspicion(listener(9999), [SPOKEN])
    turns, answer = played(suspected, [SPOKEN, HTTP], said(b"+"), CLOSED)
    assert [turn.say for turn in turns] == [b"HELLO", b"QUIT"]
    assert answer is not None


def test_what_is_more_particular_than_http_is_right() -> None:
    database = reading(b"HTTP/1.0 501", "database")
    _, answer = played(nobody(), [HTTP, database], SILENCE, said(REFUSAL))
    assert answer is not None
    assert answer.finding.protocol == "database"


def test_silence_is_followed_by_tls_and_then_by_the_probes_of_the_common() -> None:
    turns, answer = played(
        nobody(), [SPOKEN, HTTP], SILENCE, SILENCE, Heard(b"", Ended.UNSECURED), said(b"+"), CLOSED
    )
    assert [turn.alpn is not None for turn in turns] == [False, False, True, False, False]
    assert answer is not None
    assert answer.evidence == "to a hello it said that"


def test_within_tls_the_same_is_asked_and_the_session_is_kept() -> None:
    tls = Tls("TLSv1.3")
    heard = Heard(b"", Ended.SILENT, tls)
    _, answer = played(nobody(), [HTTP], SILENCE, CLOSED, heard, said(REFUSAL))
    assert answer is not None
    assert (answer.finding.protocol, answer.tls) == ("http", tls)


def test_a_session_in_which_nothing_is_understood_is_tls_all_the_same() -> None:
    tls = Tls("TLSv1.2")
    heard = Heard(b"", Ended.CLOSED, tls)
    _, answer = played(nobody(), [HTTP], SILENCE, CLOSED, heard)
    assert answer is not None
    assert answer.finding == Finding("tls", "TLSv1.2")


@pytest.mark.parametrize("ended", [Ended.REFUSED, Ended.UNREACHED])
def test_where_there_is_no_connection_nothing_more_is_tried(ended: Ended) -> None:
    turns, answer = played(nobody(), [SPOKEN, HTTP], Heard(b"", ended))
    assert len(turns) == 1
    assert answer is None


def test_the_program_is_all_there_is_where_nothing_answers() -> None:
    owner = Process(pid=812, start_ticks=1, name="spokend", argv=("/usr/bin/spokend",))
    found = identity_of(None, suspicion(listener(1), [SPOKEN]))
    assert found is None
    found = identity_of(None, suspicion(listener(1, owner), [SPOKEN]))
    assert found is not None
    assert (found.protocol, found.product, found.certainty) == (
        "spoken",
        "SPOKEN",
        Sureness.LIKELY,
    )
    assert found.evidence == ("it is held by spokend 812",)


def test_a_hidden_owner_with_a_backlog_of_one_is_left_alone() -> None:
    assert suspicion(listener(1, backlog=1), [SPOKEN]).harm is not None
    assert suspicion(listener(1, backlog=5), [SPOKEN]).harm is None
