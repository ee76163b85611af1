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
        common=1,
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


def test_who_waits_for_a_single_client_is_left_alone_unless_its_program_is_known() -> None:
    stranger = Process(pid=812, start_ticks=1, name="mine", argv=("/usr/bin/mine",))
    known = Process(pid=813, start_ticks=1, name="spokend", argv=("/usr/bin/spokend",))
    assert suspicion(listener(1, backlog=1), [SPOKEN]).harm is not None
    assert suspicion(listener(1, stranger, backlog=1), [SPOKEN]).harm is not None
    assert suspicion(listener(1, known, backlog=1), [SPOKEN]).harm is None
    assert suspicion(listener(1, stranger, backlog=5), [SPOKEN]).harm is None


def test_whoever_must_be_left_alone_is_named_with_its_product() -> None:
    owner = Process(pid=812, start_ticks=1, name="spokend", argv=("/usr/bin/spokend",))
    touchy = SPOKEN._replace(harm=lambda _, __: "it would fall over")
    found = identity_of(None, suspicion(listener(1, owner), [touchy]))
    assert found is not None
    assert (found.protocol, found.product) == ("spoken", "SPOKEN")
    assert found.evidence[1] == "not connected to: it would fall over"


def asking(name: str, over: str | None, *probes: Probe) -> Protocol:
    """A protocol that is asked only by its probes, or understood at nonsense where it is a `-`."""

    def nonsense(data: bytes) -> Finding | None:
        return Finding(name, "no") if data[:1] == b"-" else None

    return Protocol(
        name=name,
        source="a test",
        ports=frozenset({9999}),
        programs={f"{name}d": name.upper()},
        nonsense=None if over else nonsense,
        probes=probes,
        over=over,
    )


def versioned(finds: str, hello: bytes, *, completes: bool = False) -> Probe:
    """A probe that understands what begins with a `+`, and what follows that as the version."""

    def read(data: bytes) -> Finding | None:
        if data[:1] not in {b"+", b"="}:
            return None
        return Finding(finds, "that", "Product" if data[1:] else None, data[1:].decode() or None)

    return Probe(hello.decode(), hello, read, completes=completes)


HELLO, INFO = (versioned("store", each, completes=True) for each in (b"HELLO", b"INFO"))
STORE = asking("store", None, HELLO, versioned("store", b"OTHER"), INFO)
SEARCH = asking("search", "http", versioned("http", b"GET"))
SEARCHER = Process(pid=7, start_ticks=1, name="searchd", argv=("/usr/bin/searchd",))
OTHER = Process(pid=8, start_ticks=1, name="other", argv=("/usr/bin/other",))


def test_a_finding_without_a_version_is_completed_by_the_probes_that_may() -> None:
    suspected = suspicion(listener(9999), [STORE])
    turns, answer = played(suspected, [STORE], said(b"+"), said(b"+7.0"))
    assert [turn.say for turn in turns] == [b"HELLO", b"INFO"]
    assert answer is not None
    assert answer.finding == Finding("store", "that", "Product", "7.0")
    assert (answer.evidence, answer.more) == (
        "to HELLO it said that",
        ("to INFO it said that",),
    )
    found = identity_of(answer, suspected)
    assert found is not None
    assert found.evidence == ("to HELLO it said that", "to INFO it said that")


def test_what_is_found_by_nonsense_is_completed_too() -> None:
    turns, answer = played(nobody(), [STORE, HTTP], SILENCE, said(b"-"), said(b"+7.0"))
    assert [turn.say for turn in turns] == [b"", NONSENSE, b"HELLO"]
    assert answer is not None
    assert answer.finding.version == "7.0"


def test_a_finding_that_nothing_completes_stays_as_it_is() -> None:
    suspected = suspicion(listener(9999), [STORE])
    _, answer = played(suspected, [STORE], said(b"+"), SILENCE)
    assert answer is not None
    assert (answer.finding, answer.more) == (Finding("store", "that"), ())
    turns, answer = played(suspected, [STORE], said(b"+7.0"))
    assert len(turns) == 1


def test_a_product_over_http_is_asked_where_its_process_is_seen() -> None:
    suspected = suspicion(listener(1, SEARCHER), [SEARCH, HTTP])
    turns, answer = played(suspected, [SEARCH, HTTP], SILENCE, said(REFUSAL), said(b"+8.1"))
    assert [turn.say for turn in turns] == [b"", NONSENSE, b"GET"]
    assert answer is not None
    assert answer.finding == Finding("http", "that", "Product", "8.1")
    assert answer.data == REFUSAL
    found = identity_of(answer, suspected)
    assert found is not None
    assert found.evidence[-1] == "it is held by searchd 7"


def test_a_product_over_http_that_does_not_answer_is_told_by_its_process() -> None:
    suspected = suspicion(listener(1, SEARCHER), [SEARCH, HTTP])
    _, answer = played(suspected, [SEARCH, HTTP], SILENCE, said(REFUSAL), SILENCE)
    found = identity_of(answer, suspected)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("http", "SEARCH", None)


@pytest.mark.parametrize(("owners", "asked"), [((), True), ((OTHER,), False)])
def test_a_port_points_at_a_product_only_where_the_holder_is_hidden(
    owners: tuple[Process, ...], *, asked: bool
) -> None:
    suspected = suspicion(listener(9999, *owners), [SEARCH, HTTP])
    script = [SILENCE, said(REFUSAL), *([said(b"+8.1")] if asked else [])]
    turns, _ = played(suspected, [SEARCH, HTTP], *script)
    assert len(turns) == len(script)


def test_a_product_within_tls_is_asked_within_tls() -> None:
    heard = Heard(b"", Ended.SILENT, Tls("TLSv1.3", alpn="http/1.1"))
    script = (SILENCE, CLOSED, heard, said(REFUSAL), said(b"+8.1"))
    turns, answer = played(suspicion(listener(9999), [SEARCH, HTTP]), [SEARCH, HTTP], *script)
    assert (turns[-1].say, turns[-1].alpn) == (b"GET", ("http/1.1",))
    assert answer is not None
    assert answer.tls == heard.tls
    nothing_chosen = heard._replace(tls=Tls("TLSv1.3"))
    script = (SILENCE, CLOSED, nothing_chosen, said(REFUSAL), said(b"+8.1"))
    turns, _ = played(suspicion(listener(9999), [SEARCH, HTTP]), [SEARCH, HTTP], *script)
    assert turns[-1].alpn == ()
