"""nginx's configuration, as far as it says where a request is passed on to: text in, places out.

ngx_http_core_module (listen, location), ngx_http_proxy_module (proxy_pass, proxy_set_header). Of
two servers of one port, names do not decide here: all of them count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TOKEN = re.compile(
    r"""[ \t\r]+|\#[^\n]*|(\n)|([{};])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s{};"']+)""",
    re.DOTALL,
)
_PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass")
_DEEPEST = 12
_MOST_FILES = 100


class Directive(NamedTuple):
    """A directive: its words, those within its braces, and where it stands (`file:line`)."""

    words: tuple[str, ...]
    block: tuple[Directive, ...]
    where: str

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0] if self.words else ""


class Passed(NamedTuple):
    """Where a location passes its requests: `host:port` or a path; whether Upgrade goes along.

    `where` is the place in the configuration. `body_limit` is client_max_body_size there.
    """

    place: str
    where: str
    upgrades: bool
    body_limit: str | None = None


def parse_nginx(
    text: str, file: str, included: Callable[[str], Sequence[tuple[str, str]]]
) -> tuple[Directive, ...]:
    """The directives of a file; `included` gives name and text of those that a pattern means."""
    return _Reader(included).file(text, file)


class _Reader:
    """Reads files within files, each of them once, and not without end."""

    def __init__(self, included: Callable[[str], Sequence[tuple[str, str]]]) -> None:
        self._included = included
        self._left = _MOST_FILES

    def file(self, text: str, name: str) -> tuple[Directive, ...]:
        self._left -= 1
        return self._block(_tokens(text), name, 0)

    def _block(
        self, tokens: Iterator[tuple[str, int, bool]], file: str, deep: int
    ) -> tuple[Directive, ...]:
        found: list[Directive] = []
        words: list[str] = []
        for text, line, quoted in tokens:
            if quoted or text not in ("{", "}", ";"):
                words.append(text)
                continue
            if text == "}":
                break
            inside = self._block(tokens, file, deep + 1) if text == "{" and deep < _DEEPEST else ()
            found += self._made(Directive(tuple(words), inside, f"{file}:{line}"))
            words = []
        return tuple(found)

    def _made(self, directive: Directive) -> Sequence[Directive]:
        if directive.name != "include" or len(directive.words) < 2:
            return [directive]
        files = self._included(directive.words[1])
        return [each for name, text in files[: self._left] for each in self.file(text, name)]


def _tokens(text: str) -> Iterator[tuple[str, int, bool]]:
    line = 1
    for found in _TOKEN.finditer(text):
        end, sign, double, single, word = found.groups()
        quoted = double if double is not None else single
        if end:
            line += 1
        elif quoted is not None:
            yield quoted, line, True
        elif sign or word:
            yield sign or word, line, False


def passed(directives: Sequence[Directive], port: int, path: str) -> tuple[Passed, ...]:
    """Where the servers of a port pass a request for a path."""
    found: list[Passed] = []
    for http in _named(directives, "http"):
        groups = {
            each.words[1]: [one for one in _named(each.block, "server") if len(one.words) > 1]
            for each in _named(http.block, "upstream")
            if len(each.words) > 1
        }
        for server in _named(http.block, "server"):
            if port in _ports(server):
                found += _of_server([http, server], groups, path)
    return tuple(dict.fromkeys(found))


def _of_server(
    around: list[Directive], groups: dict[str, list[Directive]], path: str
) -> Iterator[Passed]:
    location = _location(around[-1].block, path.partition("?")[0])
    scopes = [*around, location] if location is not None else around
    target = next(
        (each for each in scopes[-1].block if each.name in _PASSES and len(each.words) > 1), None
    )
    if target is None or "$" in target.words[1]:
        return
    upgrades = _passes_upgrade(scopes)
    limits = [
        each.words[1] for scope in scopes for each in _named(scope.block, "client_max_body_size")
    ]
    address = _address(target.words[1])
    for server in groups.get(address, ()):
        yield Passed(
            _with_port(server.words[1], 80), server.where, upgrades, limits[-1] if limits else None
        )
    if address not in groups:
        usual = 443 if target.words[1].startswith("https") else 80
        yield Passed(
            _with_port(address, usual), target.where, upgrades, limits[-1] if limits else None
        )


def _location(block: Sequence[Directive], path: str) -> Directive | None:
    """The location of a path: an exact one, the first expression, or else the longest prefix."""
    all_of_them = [each for each in _named(block, "location") if len(each.words) > 1]
    exact = [each for each in all_of_them if each.words[1:] == ("=", path)]
    fitting = [each for each in all_of_them if each.words[1] in ("~", "~*") and _fits(each, path)]
    prefixes = [
        each
        for each in all_of_them
        if each.words[1] not in ("=", "~", "~*") and path.startswith(each.words[-1])
    ]
    longest = max(prefixes, key=lambda each: len(each.words[-1]), default=None)
    if longest is not None and longest.words[1] == "^~":
        fitting = []
    return next(iter([*exact, *fitting]), longest)


def _fits(location: Directive, path: str) -> bool:
    # An expression of somebody else may take for ever on a long path (RE2 is not to be had).
    if len(path) > 200 or len(location.words[-1]) > 200:
        return False
    try:
        flags = re.IGNORECASE if location.words[1] == "~*" else 0
        return re.search(location.words[-1], path, flags) is not None
    except re.error:
        return False


def _passes_upgrade(scopes: Sequence[Directive]) -> bool:
    """Headers of an outer block count only where the inner one sets none at all."""
    for scope in reversed(scopes):
        headers = [
            each.words[1].lower()
            for each in _named(scope.block, "proxy_set_header")
            if len(each.words) > 1
        ]
        if headers:
            return "upgrade" in headers
    return False


def _ports(server: Directive) -> set[int]:
    found = set()
    for each in _named(server.block, "listen"):
        number = each.words[1].rpartition(":")[2] if len(each.words) > 1 else ""
        found.add(int(number) if number.isdigit() else 80)
    return found or {80}


def _address(target: str) -> str:
    """`http://127.0.0.1:8000/path` -> `127.0.0.1:8000`; `http://unix:/run/a.sock:/` -> the path."""
    rest = target.partition("://")[2] or target
    if rest.startswith("unix:"):
        return rest.removeprefix("unix:").partition(":")[0]
    return rest.partition("/")[0]


def _with_port(address: str, usual: int) -> str:
    if address.startswith("unix:"):
        return address.removeprefix("unix:").partition(":")[0]
    if address.startswith("/") or address.rpartition(":")[2].isdigit():
        return address
    return f"{address}:{usual}"


def _named(block: Sequence[Directive], name: str) -> Iterator[Directive]:
    return (each for each in block if each.name == name)
