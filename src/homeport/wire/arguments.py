"""Takes secrets out of command lines before they are kept, or shown to people who may pass them on.

What is recognised: passwords in URLs, values of options and assignments whose names say that they
are secret, bearer tokens, tokens of well-known shapes, and the short options of a few programs. An
option with a name of its own cannot be recognised: the documentation says so.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MASK = "***"

# The bounds keep a hostile command line of 128 KiB from costing quadratic time.
_NAMED = (
    r"[\w.-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|token(?!s|iz)|credentials?|api[_-]?key|"
    r"access[_-]?key|private[_-]?key|auth[_-]?key|encryption[_-]?key|master[_-]?key|session[_-]?key|"
    r"jwt|bearer)[\w.-]{0,40}"
)
_SCHEME = r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://"
_URL = re.compile(rf"({_SCHEME}[^\s/@:?#]{{0,256}}:)[^\s/@]+@", re.IGNORECASE)
_URL_KEY = re.compile(rf"({_SCHEME})[^\s/@:?#]{{16,}}@", re.IGNORECASE)
_ASSIGNED = re.compile(
    rf"(?<![\w.-])((?:{_NAMED}|pass)[\"']?[ \t]?[=:][ \t]?)(?:'[^']*'|\"[^\"]*\"|[^\s&;,]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b((?:bearer|basic|token)\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_OPTION = re.compile(rf"--?(?:{_NAMED}|pass|requirepass|masterauth)", re.IGNORECASE)
# A whole command line in one word: `sh -c`, and what setproctitle() leaves behind.
_OPTION_WITHIN = re.compile(
    rf"(?<!\S)(--?(?:{_NAMED}|pass|requirepass|masterauth)[ \t]{{1,9}})(?!--)[^\s;&|]+",
    re.IGNORECASE,
)
_MYSQL_WITHIN = re.compile(
    r"(?<![\w-])((?:mysql|mariadb)[\w-]{0,20}(?:[ \t][^\s;&|]{1,80}){0,9}? -p)[^\s;&|]+"
)
_DSN = re.compile(r"(?<![^\s'\"=(])([^\s/@:'\"=(]{1,128}:)[^\s/@'\"]{1,256}@(?=\w)")
_SHAPES = re.compile(
    r"(?<![\w-])(?:gh[oprsu]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|"
    r"sk-(?=[\w-]{0,200}\d)[\w-]{20,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?)"
)
_NO_VALUE = re.compile(r".*[-_](?:file|path|env|stdin|command|cmd|fd)", re.IGNORECASE)
_MYSQL = re.compile(r"(?:.*/)?(?:mysql|mariadb)[\w-]*")
_OF_PROGRAMS = {
    "sshpass": ("-p",),
    "curl": ("-u", "--user", "-U", "--proxy-user"),
    "redis-cli": ("-a",),
}


def masked(argv: Sequence[str]) -> tuple[str, ...]:
    """The command line with `***` in place of what is secret; as many words as before."""
    words = [_masked_word(word) for word in argv]
    for place, word in enumerate(argv[:-1]):
        # A switch that only sounds secret is followed by the next option.
        if _takes_secret(word) and not argv[place + 1].startswith("--"):
            words[place + 1] = MASK
    if argv and _MYSQL.fullmatch(argv[0]):
        words = [f"-p{MASK}" if re.match(r"-p.", word) else word for word in words]
    for option in _OF_PROGRAMS.get(argv[0].rpartition("/")[2], ()) if argv else ():
        words = _without_values(words, option)
    return tuple(words)


def _without_values(words: list[str], option: str) -> list[str]:
    """The words with the values of an option masked, which may be attached to a short one."""
    kept = list(words)
    for place, word in enumerate(words):
        if word == option:
            kept[place + 1 : place + 2] = [MASK] if place + 1 < len(words) else []
        elif len(option) == 2 and word.startswith(option):
            kept[place] = option + MASK
    return kept


def _takes_secret(word: str) -> bool:
    return bool(_OPTION.fullmatch(word)) and not _NO_VALUE.fullmatch(word)


def _masked_word(word: str) -> str:
    word = _URL.sub(rf"\1{MASK}@", word)
    word = _URL_KEY.sub(rf"\1{MASK}@", word)
    word = _ASSIGNED.sub(_masked_value, word)
    word = _OPTION_WITHIN.sub(_masked_value, word)
    word = _MYSQL_WITHIN.sub(rf"\1{MASK}", word)
    word = _DSN.sub(rf"\1{MASK}@", word)
    word = _SHAPES.sub(MASK, word)
    return _BEARER.sub(rf"\1{MASK}", word)


def _masked_value(found: re.Match[str]) -> str:
    name = found[1].rstrip(" \t=:\"'")
    return found[0] if _NO_VALUE.fullmatch(name) else found[1] + MASK
