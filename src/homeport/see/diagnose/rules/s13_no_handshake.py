"""S13: the server does not take up the TLS handshake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import NO_HANDSHAKE, handshake, refusal_words
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case, Talk

_READS = ("read", "recvfrom", "recvmsg")
_STARTTLS = {"smtp", "imap", "pop3", "ftp"}
_GREETINGS = (
    ("SSH-", "ssh"),
    ("* OK", "imap"),
    ("+OK", "pop3"),
    ("INFO ", "nats"),
    ("220", "smtp"),
)


def _judge(case: Case) -> Verdict | None:
    talk = handshake(case)
    if talk is None or talk.plain is not None or talk.heard.verify_code is not None:
        return None
    said = talk.fact("said in the clear")
    speaks = talk.identity.protocol if talk.identity else _speaks(said or "")
    if said is not None:
        starts = f"openssl s_client -starttls {speaks} -connect {case.service.place}"
        return Verdict(
            (refusal_words(talk), f"without TLS the server says, unasked: {quoted(said)}"),
            f"use a client of {speaks or 'its protocol'}, without TLS at first"
            + (f"; with STARTTLS: {starts}" if speaks in _STARTTLS else ""),
            title=f"the port speaks {speaks}, not TLS" if speaks else "the port speaks no TLS",
        )
    if talk.heard.why != NO_HANDSHAKE or (
        talk.secured is not None and talk.secured.tls is not None
    ):
        return None
    return Verdict(
        (
            "the connection is taken, and no ServerHello comes",
            _in_the_clear(talk),
            *_reads_on(case),
        ),
        "does the server speak TLS at all on this port? Look into its configuration, and its log",
        Sureness.SURE if _reads_on(case) else Sureness.LIKELY,
        tell_apart=f"openssl s_client -connect {case.service.place} hangs, too, where it is this",
    )


def _in_the_clear(talk: Talk) -> str:
    if talk.cut_off:
        return "what it says without TLS could not be heard in the time there was"
    if (hung_up := talk.fact("hung up in the clear")) is not None:
        return f"asked in plain HTTP, the server says nothing either, and: {hung_up}"
    return "without TLS, too, the server says nothing of its own"


def _reads_on(case: Case) -> tuple[str, ...]:
    """Whether the server has read the whole ClientHello, and waits for us to say more."""
    ours = case.ours
    if ours is None or not ours.inode or ours.receive_queue:
        return ()
    found = [each for each in case.waits if each.inode == ours.inode and each.call in _READS]
    told = "has read the ClientHello, and waits in {} for the client to say more: TLS it is not"
    return tuple(f"thread {each.thread} {told.format(each.call)}" for each in found[:1])


def _speaks(said: str) -> str | None:
    return next((name for start, name in _GREETINGS if said.startswith(start)), None)


RULE = Rule(
    id="S13",
    title="the server does not take up the TLS handshake",
    layer=Layer.TLS,
    symptom="the client hangs after Client hello, handshake timed out, WRONG_VERSION_NUMBER",
    looks_for="no ServerHello comes, and without TLS the server says something else, often first",
    fix="connect without TLS, or with STARTTLS where the protocol has it",
    judge=_judge,
)
