"""Hides what must not be repeated: passwords, tokens and the like, in command lines and in text.

What is recognised: passwords in URLs, values of options and assignments whose names say that they
are secret, bearer tokens, tokens of well-known shapes, and the short options of a few programs. An
option with a name of its own cannot be recognised: the documentation says so.

Every repetition is bounded, or cannot begin anew within what it took, so that no text, however
made, takes more than linear time.
"""

from __future__ import annotations

import re

from homeport.model.target import USERINFO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MASK = "***"

_NAME = (
    r"(?:[\w.-]{0,60}(?:passw(?:or)?d|passphrase|pwd|secret|token(?!s|iz)|credentials?|jwt|bearer|"
    r"(?:api|access|private|auth|encryption|master|session)[_-]?key)[\w.-]{0,40}|"
    # `bypass` and `compass` are words of their own, `pass-through` is no password.
    r"[\w.-]{0,60}(?<!by)(?<!com)pass(?![\w.-])|masterauth)"
)
_VALUE = r"(?:\"[^\"\n]{1,4096}\"|'[^'\n]{1,4096}'|[^\s;&|,]+)"
_NO_VALUE = re.compile(
    r".*[-_.](?:file|path|env|stdin|command|cmd|fd|url|uri|endpoint)", re.IGNORECASE
)

_URL = re.compile(rf"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{{0,30}}://)({USERINFO})", re.IGNORECASE)
_DSN = re.compile(
    r"(?<![^\s'\"=(])([^\s/@:'\"=(]{1,128}:)(?!//|\d{1,5}[/:?#])[^\s'\"]{1,256}@(?=[\w\[*])"
)
_ASSIGNED = re.compile(
    rf"(?<![\w.-])({_NAME}(?:\\?[\"'])?[ \t]{{0,3}}(?:=>?|:)[ \t]{{0,3}})({_VALUE})", re.IGNORECASE
)
_OPTION = re.compile(rf"--?{_NAME}", re.IGNORECASE)
# A command line in a text, as the shell takes it or as a list of quoted words.
_OPTION_WITHIN = re.compile(
    rf"(?<![\w-])(--?{_NAME}(?:[\"'],)?[ \t]{{1,9}})(?!--)({_VALUE})", re.IGNORECASE
)
_WHOLE_WORD = re.compile(rf"((?:--?)?{_NAME}=)\S+", re.IGNORECASE)
_BEARER = re.compile(
    r"\b((?:bearer|basic|authorization[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?(?:token|apikey|digest))"
    r"[ \t]{1,3})[\w.~+/=-]{8,}",
    re.IGNORECASE,
)
_SHAPES = re.compile(
    r"(?<![\w-])(?:gh[oprsu]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|"
    r"sk-(?=[\w-]{0,200}\d)[\w-]{20,}|[sr]k_(?:live|test)_\w{16,}|npm_\w{30,}|hf_\w{30,}|"
    r"AIza[\w-]{35}|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?)"
)
_OF_PROGRAMS = {
    "sshpass": ("-p",),
    "curl": ("-u", "--user", "-U", "--proxy-user"),
    "redis-cli": ("-a",),
    "mosquitto_pub": ("-P",),
    "mosquitto_sub": ("-P",),
    "ldapsearch": ("-w",),
}
_ATTACHED = re.compile(r"(?:mysql|mariadb)[\w-]{0,20}")
"""What takes a password as `-pPASSWORD` only: `-p` alone asks for one."""
_PROGRAM_WITHIN = re.compile(
    rf"(?<![\w-])({'|'.join(_OF_PROGRAMS)}|{_ATTACHED.pattern})(?=[ \t])([^\n;&|]{{1,400}})"
)


def masked(text: str) -> str:
    """The text with `***` in place of what is secret."""
    text = _URL.sub(_without_userinfo, text)
    text = _ASSIGNED.sub(_masked_value, text)
    text = _OPTION_WITHIN.sub(_masked_value, text)
    text = _PROGRAM_WITHIN.sub(_masked_options, text)
    text = _DSN.sub(rf"\1{MASK}@", text)
    text = _SHAPES.sub(MASK, text)
    return _BEARER.sub(rf"\1{MASK}", text)


def masked_words(argv: Sequence[str]) -> tuple[str, ...]:
    """The command line with `***` in place of what is secret; as many words as before."""
    words = [_masked_word(word) for word in argv]
    for place, word in enumerate(argv[:-1]):
        # A switch that only sounds secret is followed by the next option.
        if _takes_secret(word) and not argv[place + 1].startswith("--"):
            words[place + 1] = MASK
    program = argv[0].rpartition("/")[2] if argv else ""
    if _ATTACHED.fullmatch(program):
        words = [f"-p{MASK}" if re.match(r"-p.", word) else word for word in words]
    for option in _OF_PROGRAMS.get(program, ()):
        words = _without_values(words, option)
    return tuple(words)


def _without_values(words: list[str], option: str) -> list[str]:
    """The words with the values of an option masked, which may be attached to a short one."""
    kept = list(words)
    for place, word in enumerate(words):
        if word == option:
            kept[place + 1 : place + 2] = [MASK] if place + 1 < len(words) else []
        elif word.startswith(f"{option}="):
            kept[place] = f"{option}={MASK}"
        elif len(option) == 2 and word.startswith(option):
            kept[place] = option + MASK
    return kept


def _takes_secret(word: str) -> bool:
    return bool(_OPTION.fullmatch(word)) and not _NO_VALUE.fullmatch(word)


def _masked_word(word: str) -> str:
    whole = _WHOLE_WORD.fullmatch(word)
    return masked(word) if whole is None else _masked_value(whole)


def _masked_value(found: re.Match[str]) -> str:
    name = found[1].rstrip(" \t=>:,\\\"'")
    return masked_urls(found[0]) if _NO_VALUE.fullmatch(name) else found[1] + MASK


def masked_urls(text: str) -> str:
    """The text with the passwords of its URLs masked, and nothing else."""
    return _URL.sub(_without_userinfo, text)


_LONGEST_USER = 15
"""A longer name before the @ may be a token: `https://KEY@sentry.example`."""


def _without_userinfo(found: re.Match[str]) -> str:
    user, colon, _ = found[2][:-1].partition(":")
    kept = user if len(user) <= _LONGEST_USER and "@" not in user else MASK
    return f"{found[1]}{kept}{f':{MASK}' if colon else ''}@"


def _masked_options(found: re.Match[str]) -> str:
    options = "|".join(_OF_PROGRAMS.get(found[1], ()))
    if not options:
        return found[1] + re.sub(rf"([ \t]-p){_VALUE}", rf"\1{MASK}", found[2])
    # A short option may have its value attached; `--user-agent` is no `--user`.
    given = rf"([ \t](?:{options})(?:[ \t]{{1,9}}|=|(?<=[ \t]-\w))){_VALUE}"
    return found[1] + re.sub(given, rf"\1{MASK}", found[2])
