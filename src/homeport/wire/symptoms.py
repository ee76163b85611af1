"""What an error message complains of: the words of many systems and languages -> one symptom.

Error numbers are those of Linux, of macOS and of Winsock, since pasted text comes from anywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from homeport.model.explanation import Symptom
from homeport.model.record import NamedTuple


def _numbered(*numbers: int) -> str:
    """The ways in which an error number is written, so that no pid or port is taken for one."""
    any_of = "|".join(map(str, numbers))
    words = r"\b(?:errno[\ :=]{1,3}-?|winerror\ |os\ error\ |code:\ -?)"
    return rf"{words}(?:{any_of})\b | \((?:{any_of})[):]"


_WORDS = {
    Symptom.DEBUGGER_GONE: r"disconnected\ from\ the\ target\ vm",
    Symptom.IN_USE: rf"""
        eaddrinuse | addr(?:ess)?_?in_?use | address\ (?:is\ )?already\ (?:in\ use|taken)
        | port(?:\ \d{{1,5}})?\ (?:is|was)\ (?:already\ )?(?:in\ use|allocated|taken|occupied)
        | port(?:\ \d{{1,5}})?\ (?:may\ )?already\ (?:be\ )?in\ use
        | port\ \[\d{{1,5}}\]\ failed\ to\ start | connection\ in\ use
        | only\ one\ usage\ of\ each\ socket\ address | already\ running\ on\ port
        | {_numbered(98, 48, 10048)}
    """,
    Symptom.REFUSED: rf"""
        econnrefused | connection\ ?refused | connect\ call\ failed | actively\ refused
        | net\.connectexception\b(?!:)
        | couldn['\u2019]?t\ connect\ to\ server | failed\ to\ connect\ to
        | can['\u2019]t\ connect\ to | could\ not\ connect\ to | could\ not\ be\ established
        | connection\ to\ [^\s]{{1,80}}\ refused
        | {_numbered(111, 61, 10061)}
    """,
    Symptom.NOT_PERMITTED: rf"""
        (?:listen|bind)[^\n]{{0,60}}(?:eacces|permission\ denied|operation\ not\ permitted)
        | (?:eacces|permission\ denied)[^\n]{{0,60}}\b(?:listen|bind)
        | forbidden\ by\ its\ access\ permissions | {_numbered(10013)}
    """,
    Symptom.NO_SUCH_ADDRESS: rf"""
        eaddrnotavail | addrnotavailable | can(?:not|'t)\ assign\ requested\ address
        | {_numbered(99, 49, 10049)}
    """,
    Symptom.RESET: rf"""
        econnreset | connection\ ?reset | broken\ ?pipe | \bepipe\b | {_numbered(104, 54, 10054)}
    """,
    Symptom.CLOSED: r"""
        socket\ hang\ up | empty\ reply\ from\ server | closed\ the\ connection
        | unexpected\ eof | lost\ connection\ to
    """,
    Symptom.UNREACHABLE: rf"""
        ehostunreach | enetunreach | no\ route\ to\ host | network\ is\ unreachable
        | {_numbered(113, 101, 10065, 10051)}
    """,
    Symptom.UNKNOWN_NAME: r"""
        enotfound | eai_again | getaddrinfo | name\ or\ service\ not\ known | no\ such\ host
        | could\ not\ resolve\ host | failure\ in\ name\ resolution | unknownhostexception
        | nodename\ nor\ servname
    """,
    Symptom.TIMED_OUT: rf"""
        etimedout | timed\ ?-?out | i/o\ timeout | deadline\ exceeded | {_numbered(110, 10060)}
    """,
}

_ANY = re.compile(
    "|".join(f"(?P<{symptom.name}>{words})" for symptom, words in _WORDS.items()),
    re.IGNORECASE | re.VERBOSE,
)
_NEAR_LINES = 12


class _Found(NamedTuple):
    line: int
    symptom: Symptom


_TABLE = re.compile(
    r"\b(?:tcp|udp)(?:4|6|46)?\b|\b(?:LISTEN|LISTENING|ESTAB|ESTABLISHED|TIME[_-]WAIT|CLOSE[_-]WAIT"
    r"|SYN[_-]SENT|UNCONN)\b"
)
_SERVES = re.compile(r"listen|bind|serv|addr|port|start", re.IGNORECASE)


class Symptoms:
    """The complaints of one text, and what kind of lines it has, to be asked by place."""

    def __init__(self, text: str) -> None:
        self._line_starts = [0] + [match.end() for match in re.finditer("\n", text)]
        self._tables = {self.line_of(match.start()) for match in _TABLE.finditer(text)}
        self._serving = {self.line_of(match.start()) for match in _SERVES.finditer(text)}
        self._found = [
            _Found(self.line_of(match.start()), Symptom[match.lastgroup or ""])
            for match in _ANY.finditer(text)
        ]
        self._by_line: dict[int, Symptom] = {}
        for line, symptom in self._found:
            self._by_line.setdefault(line, symptom)

    def line_of(self, offset: int) -> int:
        """The number of the line, from 0, that holds an offset of the text."""
        return bisect_right(self._line_starts, offset) - 1

    @property
    def first(self) -> Symptom | None:
        """The first complaint of the whole text."""
        return self._found[0].symptom if self._found else None

    def on_line(self, offset: int) -> Symptom | None:
        """The complaint on the line of this offset."""
        return self._by_line.get(self.line_of(offset))

    def in_table(self, offset: int) -> bool:
        """Whether the line is one of netstat's, ss's or lsof's."""
        return self.line_of(offset) in self._tables

    def on_serving_line(self, offset: int) -> bool:
        """Whether the line speaks of listening."""
        return self.line_of(offset) in self._serving

    def near(self, offset: int) -> Symptom | None:
        """The complaint on this line, or on the nearest one within a dozen lines."""
        line = self.line_of(offset)
        for distance in range(_NEAR_LINES + 1):
            for candidate in (line - distance, line + distance):
                if candidate in self._by_line:
                    return self._by_line[candidate]
        return None
