"""Hides what must not be repeated: passwords, tokens and the like in text that somebody pasted."""

from __future__ import annotations

import re

MASK = "***"

# Every repetition is bounded or over a class that excludes what follows, so that no text, however
# made, takes more than linear time.
_URL_USER = re.compile(r"://[^\s/?#]{0,512}@")
_URL_PASSWORD_WITH_SLASH = re.compile(r"://[^\s/?#:@]{1,128}:(?!\d{1,5}[/?#])[^\s@]{1,256}@")
_DSN_USER = re.compile(r"(?<![^\s'\"=(])[^\s/@:'\"=(]{1,128}:[^\s/@'\"]{1,256}@")
_NAMED = re.compile(
    r"((?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|credential)s?"
    r"[\"']?\s{0,3}[=:]\s{0,3})(?:\"[^\"\n]{0,512}\"|'[^'\n]{0,512}'|[^\s&\"',;)]{1,512})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer|basic)\s{1,3}[\w.~+/=-]{8,4096}", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with user:password of URLs, and values of secret-sounding names, replaced."""
    text = _URL_USER.sub(f"://{MASK}@", text)
    text = _URL_PASSWORD_WITH_SLASH.sub(f"://{MASK}@", text)
    text = _DSN_USER.sub(f"{MASK}@", text)
    text = _NAMED.sub(rf"\g<1>{MASK}", text)
    return _BEARER.sub(rf"\g<1> {MASK}", text)
