"""Pasted text -> the endpoints that it speaks of: error messages, stack traces, tool output.

Patterns run in order, the sure ones first, and each blanks what it took, so that nothing is read
twice. Every repetition is bounded: no text, however made, takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from homeport.model.address import Scope, parse_address, scope_of
from homeport.model.endpoint import Transport
from homeport.model.errors import BadInput
from homeport.model.explanation import Mention, Symptom
from homeport.model.port import MAX_PORT
from homeport.model.record import NamedTuple
from homeport.model.target import Target, is_localhost, parse_target, split_loose_ipv6
from homeport.wire.secrets import masked
from homeport.wire.symptoms import Symptoms

MAX_TEXT = 1 << 20
"""How much of a text is read, in characters."""

_MAX_MENTIONS = 50
_CONTEXT = 160
_LOOK_BACK = 400
_TAKEN = "\x01"

_V4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_V6 = rf"(?:[0-9a-fA-F]{{0,4}}:){{2,8}}(?:{_V4}|[0-9a-fA-F]{{0,5}})(?:%[\w.-]{{1,15}})?"
_LOCAL = r"(?:[a-zA-Z0-9-]{1,63}\.){0,5}localhost"
_NAME = r"[a-zA-Z_](?:[\w-]{0,62}\.){0,8}[\w-]{0,62}"
_PORT = r"\d{1,5}(?![\w]|\.\d)"
_BEFORE = r"(?<![\w.:%])"


class _Candidate(NamedTuple):
    target: Target
    offset: int
    weight: int
    is_origin: bool


def find_mentions(text: str) -> tuple[Mention, ...]:
    """The endpoints in a text, the most telling first; or its complaint alone; or nothing.

    An endpoint on a line that complains comes before others, a full endpoint before a bare port,
    that before the name of another host, and that before an address without a port; where a
    connection came from is told last. At most 50.
    Only the first `MAX_TEXT` characters are read. Secrets never reach the result.
    """
    text = masked(text[:MAX_TEXT])
    symptoms = Symptoms(text)
    candidates = _distinct(_candidates(text, symptoms), symptoms)
    mentions = [
        Mention(c.target, _surroundings(text, c.offset), symptoms.near(c.offset))
        for c in sorted(candidates, key=lambda c: _rank(c, symptoms))
    ]
    if not mentions and symptoms.first is not None:
        return (Mention(None, _surroundings(text, 0), symptoms.first),)
    return tuple(mentions[:_MAX_MENTIONS])


def _rank(candidate: _Candidate, symptoms: Symptoms) -> tuple[bool, bool, int, int]:
    here = symptoms.on_line(candidate.offset)
    return candidate.is_origin, here is None, candidate.weight, candidate.offset


# `connect to ::1 port 8000 from ::1 port 51542`; but a client also reads from its server.
_ORIGIN = re.compile(
    r"(?<!\bread )(?<!ading )(?<!ponse )(?<!reply )\bfrom\s{1,3}[\"'(]?$", re.IGNORECASE
)


def _candidates(text: str, symptoms: Symptoms) -> Iterator[_Candidate]:
    rest = _arrows_turned(text, symptoms)
    for pattern, build, weight in _PASSES:
        taken: list[tuple[int, int]] = []
        for match in pattern.finditer(rest):
            target = build(match, symptoms)
            if target is not None and target.port != 0:
                at = match.start()
                yield _Candidate(
                    target, at, weight, bool(_ORIGIN.search(rest, max(0, at - 16), at))
                )
            if target is not None:
                taken.append(match.span())
        rest = _blanked(rest, taken)


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    pieces: list[str] = []
    end = 0
    for start, stop in spans:
        pieces += text[end:start], _TAKEN * (stop - start)
        end = stop
    return "".join(pieces) + text[end:] if spans else text


def _distinct(candidates: Iterator[_Candidate], symptoms: Symptoms) -> list[_Candidate]:
    """Each target once, where most is said of it; those that say less are left out."""
    found: dict[tuple[object, ...], _Candidate] = {}
    for candidate in candidates:
        target = candidate.target
        key = (target.address, target.host, target.port, target.wildcard)
        if key not in found or _rank(candidate, symptoms) < _rank(found[key], symptoms):
            found[key] = candidate
    kept = list(found.values())
    ported = {c.target.port for c in kept if c.weight == 0}
    kept = [c for c in kept if not (c.weight == 1 and c.target.port in ported)]
    if any(c.target.port is not None for c in kept):
        kept = [c for c in kept if c.target.port is not None]
    return kept


def _surroundings(text: str, offset: int) -> str:
    start = _line_start(text, offset)
    stop = start + max(_CONTEXT, offset - start + _CONTEXT // 2)
    line = text[start:stop].partition("\n")[0]
    return line[-_CONTEXT:].strip()


def _line_start(text: str, offset: int) -> int:
    """Where the line begins; a line of a megabyte is looked at only a little way back."""
    earliest = max(0, offset - _LOOK_BACK)
    return max(earliest, text.rfind("\n", earliest, offset) + 1)


_ARROW = re.compile(
    rf"({_V4}:\d{{1,5}}|\[{_V6}\]:\d{{1,5}})(\s?->\s?)({_V4}:\d{{1,5}}|\[{_V6}\]:\d{{1,5}})"
)


def _arrows_turned(text: str, symptoms: Symptoms) -> str:
    """`dial tcp client->server: refused`: the server is what the complaint is about."""

    def turned(match: re.Match[str]) -> str:
        complains = symptoms.on_line(match.start()) is not None
        return f"{match[3]}{match[2]}{match[1]}" if complains else match[0]

    return _ARROW.sub(turned, text)


_Build = Callable[["re.Match[str]", Symptoms], "Target | None"]


def _port(text: str | None) -> int | None:
    return int(text) if text and int(text) <= MAX_PORT else None


def _addressed(address: str, port: str | None, *, bare: bool = False) -> Target | None:
    number = _port(port)
    if number is None and not bare:
        return None
    text, _, zone = address.strip("[]").partition("%")
    if text.endswith("localhost"):
        return Target(host=text, port=number)
    try:
        return Target(address=parse_address(text), interface=zone or None, port=number)
    except BadInput:
        return None


def _url(match: re.Match[str], _: Symptoms) -> Target | None:
    try:
        target = parse_target(match[0])
    except BadInput:
        return None
    return target if target.address or (target.host and is_localhost(target.host)) else None


def _pair(match: re.Match[str], _: Symptoms) -> Target | None:
    return _addressed(match[1], match[2])


def _loose_ipv6(match: re.Match[str], symptoms: Symptoms) -> Target | None:
    trusted = symptoms.on_line(match.start()) is not None or symptoms.in_table(match.start())
    return split_loose_ipv6(match[1], trusted=trusted)


def _mac_table(match: re.Match[str], symptoms: Symptoms) -> Target | None:
    if not symptoms.in_table(match.start()):
        return None
    if match[1] == "*":
        return Target(wildcard=True, port=_port(match[2]))
    return _addressed(match[1], match[2])


def _wildcard(match: re.Match[str], _: Symptoms) -> Target | None:
    port = _port(match[1])
    return None if port is None else Target(wildcard=True, port=port)


def _bare_port(match: re.Match[str], _: Symptoms) -> Target | None:
    port = _port(match[1])
    return None if port is None else Target(port=port)


def _slash_transport(match: re.Match[str], _: Symptoms) -> Target | None:
    port = _port(match[1])
    return None if port is None else Target(port=port, transport=Transport(match[2].lower()))


def _colon_port(match: re.Match[str], symptoms: Symptoms) -> Target | None:
    at = match.start()
    told = symptoms.on_serving_line(at) or symptoms.on_line(at) is not None
    return _bare_port(match, symptoms) if told else None


def _named(match: re.Match[str], _: Symptoms) -> Target | None:
    port = _port(match[2])
    name = match[1].lower()
    return None if port is None else Target(host=name, port=port)


def _other_url(match: re.Match[str], symptoms: Symptoms) -> Target | None:
    if symptoms.on_line(match.start()) is None or _is_manual(match):
        return None
    try:
        return parse_target(match[0])
    except BadInput:
        return None


_MANUAL = re.compile(r"#|\.html?\b|://docs?\.|/docs?/", re.IGNORECASE)
_SEE = re.compile(
    r"\b(?:see|visit|refer to|read|more|docs|documentation|help)\b[^\n]{0,9}$", re.IGNORECASE
)
_FOR_MORE = re.compile(r"[^\n]{0,3}\sfor (?:more|further|details|help)\b", re.IGNORECASE)


def _is_manual(url: re.Match[str]) -> bool:
    """Whether it is a link for people, as `See https://nodejs.org/... for more information`."""
    text, start = url.string, url.start()
    return bool(
        _MANUAL.search(url[0])
        or _SEE.search(text, max(0, start - 30), start)
        or _FOR_MORE.match(text, url.end())
    )


def _address_alone(match: re.Match[str], symptoms: Symptoms) -> Target | None:
    target = _addressed(match[1], None, bare=True)
    if target is None or target.address is None:
        return None
    local = scope_of(target.address) is Scope.LOOPBACK
    return target if local or symptoms.on_line(match.start()) else None


_PASSES: tuple[tuple[re.Pattern[str], _Build, int], ...] = (
    (re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,19}://[^\s'\"<>`,;)\x01]{1,300}"), _url, 0),
    (re.compile(
        rf"{_BEFORE}({_V4}|\[?{_V6}\]?|{_LOCAL})[\"'`)\]]{{0,3}}"
        rf"(?:,\s{{0,3}}|[,;]?\s{{0,40}}(?:on\s)?port[\s:=\"']{{1,4}})({_PORT})",
        re.IGNORECASE,
    ), _pair, 0),
    (re.compile(rf"(\[{_V6}\]):({_PORT})"), _pair, 0),
    (re.compile(rf"(?<![\w.%])({_V4})\|?:({_PORT})"), _pair, 0),
    (re.compile(rf"(?<![\w.%:])({_V4}|{_V6}|\*)\.(\d{{1,5}})(?![\w.])"), _mac_table, 0),
    (re.compile(rf"{_BEFORE}([0-9a-fA-F:]{{2,39}}%[\w.-]{{1,15}}):({_PORT})"), _pair, 0),
    (re.compile(rf"{_BEFORE}({_V6})(?![\w:])"), _loose_ipv6, 0),
    (re.compile(rf"(?<![\w.%@-])({_LOCAL}):({_PORT})", re.IGNORECASE), _pair, 0),
    (re.compile(rf"(?<![\w*])\*:({_PORT})"), _wildcard, 0),
    (re.compile(rf"\bhost[=:]\s{{0,2}}[\"']({_NAME})[\"'],\s{{1,3}}[\"']?port[\"']?[=:\s]{{1,2}}({_PORT})"),
     _named, 2),
    (re.compile(rf"\.s\.PGSQL\.({_PORT})"), _bare_port, 1),
    (re.compile(rf"(?:(?<![a-zA-Z])[pP]|(?<=[a-z])P)(?:orts?|ORT)[\s:=\"'#]{{1,4}}\[?({_PORT})"),
     _bare_port, 1),
    (re.compile(rf"<null>:({_PORT})"), _bare_port, 1),
    (re.compile(rf"\baddress[=:]\s{{0,2}}['\"]?({_PORT})"), _bare_port, 1),
    (re.compile(r"(?<![\w.>:-])(\d{1,5})/(tcp|udp)\b", re.IGNORECASE), _slash_transport, 1),
    (re.compile(rf"(?<![^\s\"'(=]):({_PORT})(?!:\d)"), _colon_port, 1),
    (re.compile(
        rf"(?:\b(?:to|tcp[46]?|udp|host|at|server|on)|ECONNREFUSED|ETIMEDOUT|@)[\s=]{{0,2}}[\"'(\[]?"
        rf"({_NAME}):({_PORT})(?!:\d)"
    ), _named, 2),
    (re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,19}://[^\s'\"<>`,;)\x01]{1,300}"), _other_url, 2),
    (re.compile(rf"(?<![\w.:/=@~^v-])\(?\[?({_V4})(?![\w:+/-]|\.\d)"), _address_alone, 3),
    (re.compile(r"(?<![\w:])(::1)(?![\w:])"), _address_alone, 3),
)  # fmt: skip
"""Pattern, what it makes of a match, and how much less it says than a full endpoint."""

__all__ = ["MAX_TEXT", "Mention", "Symptom", "find_mentions"]
