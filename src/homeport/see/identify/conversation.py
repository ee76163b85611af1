"""How a listener is asked what it speaks: the turns, from the gentlest to the last resort.

No socket is touched here: `host.talking` carries the turns out, and a test answers them from a
script. The order is: the probe of a suspect; waiting for a greeting; one line that is nonsense to
everybody; TLS, and the same within; the probes of what stays silent at nonsense. Whoever is known
by then is asked for the version, if that is missing.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from homeport.model.identity import Identity, Sureness, Tls
from homeport.model.record import NamedTuple
from homeport.wire.exchange import Conversation, Ended, Heard, OutOfTime, Turn
from homeport.wire.protocols import NONSENSE, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.see.identify.suspects import Suspicion
    from homeport.wire.protocols import Probe, Protocol

GREETING_MS = 100
"""How long a server that speaks first takes: 2-3 ms were measured, loaded machines take longer."""

ANSWER_MS = 400
_MOST_PROBES = 8
_NGINX = re.compile(rb"^server: (?:nginx|openresty)", re.IGNORECASE | re.MULTILINE)


class Answer(NamedTuple):
    """What was understood, from which words, by which probe, and within which TLS session.

    `data` are the words that proved the protocol, `more` the evidence of what completed it.
    """

    finding: Finding
    evidence: str
    data: bytes = b""
    tls: Tls | None = None
    probe: Probe | None = None
    more: tuple[str, ...] = ()


def conversation(
    suspicion: Suspicion, protocols: Sequence[Protocol]
) -> Conversation[Answer | None]:
    """Asks until something is understood, then for the version; None where nothing was."""
    answer = yield from _understood(suspicion, [each for each in protocols if each.over is None])
    if answer is None:
        return None
    try:
        return (yield from _completed(answer, suspicion, protocols))
    except OutOfTime:
        return answer


def _understood(suspicion: Suspicion, possible: Sequence[Protocol]) -> Conversation[Answer | None]:
    asked: set[str] = set()
    for suspect in suspicion.suspects:
        if suspect.protocol.probes and suspect.protocol.over is None:
            asked.add(suspect.protocol.name)
            answer = yield from _ask_all(suspect.protocol.probes, possible)
            if answer is not None:
                return answer
    heard, answer = yield from _greeted_or_nonsense(possible, alpn=None)
    if answer is not None and not _may_be_tls(answer):
        return answer
    if heard.ended in (Ended.REFUSED, Ended.UNREACHED):
        return None
    secured = yield from _within_tls(possible)
    if secured is not None:
        return secured
    return answer or (yield from _last_resort(possible, asked))


def _may_be_tls(answer: Answer) -> bool:
    """Whether TLS is worth a try, too: nginx answers in the clear on a TLS port."""
    return answer.finding.protocol == "tls" or _NGINX.search(answer.data) is not None


def datagrams(suspicion: Suspicion) -> Conversation[Answer | None]:
    """The same over UDP, where nobody greets and nonsense is met with silence."""
    for suspect in suspicion.suspects:
        answer = yield from _ask_all(suspect.protocol.probes, ())
        if answer is not None:
            return answer
    return None


def _greeted_or_nonsense(
    possible: Sequence[Protocol], alpn: tuple[str, ...] | None
) -> Conversation[tuple[Heard, Answer | None]]:
    """Waits for a greeting, and says nonsense where there is none; over one connection."""
    heard = yield Turn(enough=partial(_greeting, possible), wait_ms=GREETING_MS, alpn=alpn)
    if heard.data:
        finding = _greeting(possible, heard.data)
        if finding is None:
            return heard, None
        goodbye = next(each.goodbye for each in possible if each.name == finding.protocol)
        if goodbye:
            yield Turn(goodbye, fresh=False, wait_ms=0)
        return heard, Answer(finding, f"it greeted with {finding.told}", heard.data, heard.tls)
    if chosen := _chosen(possible, heard.tls):
        return heard, chosen
    if heard.ended is not Ended.SILENT:
        return heard, None
    tls = heard.tls
    heard = yield Turn(NONSENSE, partial(_nonsense, possible), ANSWER_MS, fresh=False)
    finding = _nonsense(possible, heard.data)
    heard = heard._replace(tls=tls)
    if finding is None:
        return heard, None
    return heard, Answer(finding, f"to a line of nonsense it said {finding.told}", heard.data, tls)


def _chosen(possible: Iterable[Protocol], tls: Tls | None) -> Answer | None:
    """What ALPN has chosen says what is spoken; HTTP/1.1 is asked on, for the product."""
    chosen = None if tls is None else tls.alpn
    if chosen is None or chosen == "http/1.1":
        return None
    for protocol in possible:
        if chosen in protocol.alpn:
            finding = Finding(protocol.name, f"{chosen} (ALPN)")
            return Answer(finding, f"in the TLS handshake it chose {finding.told}", b"", tls)
    return None


def _greeting(possible: Iterable[Protocol], data: bytes) -> Finding | None:
    return _most_telling(each.greeting(data) for each in possible if each.greeting)


def _nonsense(possible: Iterable[Protocol], data: bytes) -> Finding | None:
    return (
        _most_telling(each.nonsense(data) for each in possible if each.nonsense) if data else None
    )


def _most_telling(findings: Iterable[Finding | None]) -> Finding | None:
    """HTTP is what several others answer in, too: whoever is more particular is right."""
    found = [each for each in findings if each is not None]
    return min(found, key=lambda each: (each.protocol == "http", not each.product), default=None)


def _ask_all(
    probes: Iterable[Probe], possible: Sequence[Protocol], alpn: tuple[str, ...] | None = None
) -> Conversation[Answer | None]:
    """The probes of one protocol; an answer may also give away another one."""
    for probe in probes:
        heard = yield Turn(probe.hello, probe.read, ANSWER_MS, alpn=alpn)
        finding = probe.read(heard.data) if heard.data else None
        if finding is not None:
            if probe.goodbye:
                yield Turn(probe.goodbye, fresh=False, wait_ms=0)
            told = f"to {probe.name} it said {finding.told}"
            return Answer(finding, told, heard.data, heard.tls, probe)
        other = _greeting(possible, heard.data) or _nonsense(possible, heard.data)
        if other is not None and other.protocol != "tls":
            return Answer(other, f"to {probe.name} it said {other.told}", heard.data, heard.tls)
        if heard.ended in (Ended.REFUSED, Ended.UNREACHED):
            return None
    return None


def _within_tls(possible: Sequence[Protocol]) -> Conversation[Answer | None]:
    """A TLS handshake, and within the session the greeting or the nonsense again."""
    offered = dict.fromkeys(name for each in possible for name in each.alpn)
    heard, answer = yield from _greeted_or_nonsense(possible, alpn=tuple(offered))
    if heard.tls is None:
        return None
    if answer is not None and answer.finding.protocol != "tls":
        return answer
    finding = Finding("tls", heard.tls.version)
    return Answer(finding, f"it accepted a TLS handshake: {finding.told}", b"", heard.tls)


def _last_resort(possible: Sequence[Protocol], asked: set[str]) -> Conversation[Answer | None]:
    """The probes of protocols that do not answer to nonsense, the commonest first."""
    rest = [each for each in possible if each.common and each.probes and each.name not in asked]
    for protocol in sorted(rest, key=lambda each: each.common or 0)[:_MOST_PROBES]:
        answer = yield from _ask_all(protocol.probes[:1], possible)
        if answer is not None:
            return answer
    return None


def _completed(
    answer: Answer, suspicion: Suspicion, protocols: Iterable[Protocol]
) -> Conversation[Answer]:
    """The answer with product and version, where the protocol has probes that bring them."""
    probes = _completing(answer, suspicion, protocols)
    alpn = None if answer.tls is None else tuple(filter(None, [answer.tls.alpn]))
    for probe in probes:
        if answer.finding.version is not None:
            break
        more = yield from _ask_all([probe], (), alpn)
        if more is not None:
            answer = _joined(answer, more)
    return answer


def _completing(answer: Answer, suspicion: Suspicion, protocols: Iterable[Protocol]) -> list[Probe]:
    found = answer.finding.protocol
    own = [probe for each in protocols if each.name == found for probe in each.probes]
    carried = [probe for each in suspicion.over(found) for probe in each.protocol.probes]
    return [each for each in own if each.completes and each is not answer.probe] + carried


def _joined(answer: Answer, more: Answer) -> Answer:
    """The more particular of two findings, and the evidence of both."""
    product = more.finding.product or answer.finding.product
    if more.finding.version is None and product == answer.finding.product:
        return answer
    finding = more.finding._replace(product=product)
    return answer._replace(finding=finding, more=(*answer.more, more.evidence))


def identity_of(answer: Answer | None, suspicion: Suspicion) -> Identity | None:
    """What follows from the answer and from who holds the socket."""
    seen = suspicion.seen
    if answer is None:
        return _by_holder(suspicion)
    finding = answer.finding
    named = next((each for each in seen if finding.protocol in _spoken(each.protocol)), None)
    told = [answer.evidence, *answer.more]
    product = finding.product
    if named is not None:
        told.append(named.told)
        product = product or named.product
    return Identity(
        protocol=finding.protocol,
        certainty=Sureness.SURE,
        evidence=tuple(told),
        product=product,
        version=finding.version,
        tls=answer.tls,
    )


def _spoken(protocol: Protocol) -> tuple[str, str | None]:
    """The names by which a protocol may be found: etcd is found as etcd, or as HTTP."""
    return protocol.name, protocol.over


def _by_holder(suspicion: Suspicion) -> Identity | None:
    """Nothing was said, or nothing understood: the program is all there is."""
    first = next(iter(suspicion.seen), None)
    if first is None:
        return None
    told = [first.told]
    if suspicion.harm is not None:
        told.append(f"not connected to: {suspicion.harm}")
    return Identity(first.protocol.name, Sureness.LIKELY, tuple(told), product=first.product)
