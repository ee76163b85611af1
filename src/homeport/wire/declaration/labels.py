"""Labels of host names, made of whatever people call their directories and branches."""

from __future__ import annotations

_LONGEST = 63
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_PUNYCODE = "xn--"


def label(text: str) -> str:
    """A label for a host name (RFC 1123): lower case letters, digits and hyphens, 1 to 63.

    Accents go (`Café` is `cafe`), other scripts stay as IDNA has them (`xn--…`, RFC 5891), and
    what is left out or cut off comes back as a number, so that two names stay two.
    """
    if text.isascii():
        words = "".join(each if each in _ALLOWED else " " for each in text.lower()).split()
        made = "-".join(words)
        if text.startswith(_PUNYCODE) and _is_punycode(text):
            return text
        return _bounded(made, text) if made else _numbered("", text)
    return _of_any_script(text)


def _of_any_script(text: str) -> str:
    kept = "".join(map(_letters, _normal(text)))
    made = _normal("-".join(kept.split()))
    if not made:
        return _numbered("", text)
    if made.isascii():
        return _bounded(made, text)
    for length in range(min(len(made), _LONGEST), 0, -1):
        encoded = _PUNYCODE + made[:length].rstrip("-").encode("punycode").decode("ascii")
        if len(encoded) <= _LONGEST and not encoded.endswith("-") and _is_punycode(encoded):
            return encoded
    return _numbered("", text)


def _normal(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", text).casefold()


def _letters(character: str) -> str:
    """What of a character may stay: a space where nothing may."""
    import unicodedata

    bare = unicodedata.normalize("NFKD", character)
    if bare[0] in _ALLOWED:
        return "".join(each for each in bare if each in _ALLOWED)
    kept = unicodedata.category(character)[0] in "LMN" and not character.isascii()
    return character if kept else " "


def _is_punycode(text: str) -> bool:
    """Whether this is what IDNA makes of a name, and no more than a label."""
    rest = text.removeprefix(_PUNYCODE)
    if len(text) > _LONGEST or text.endswith("-") or not _ALLOWED.issuperset(rest.replace("-", "")):
        return False
    try:
        name = rest.encode("ascii").decode("punycode")
        return not name.isascii() and name.encode("punycode").decode("ascii") == rest
    except (UnicodeError, ValueError, OverflowError):
        return False


def _bounded(made: str, text: str) -> str:
    return made if len(made) <= _LONGEST else _numbered(made, text)


def _numbered(made: str, text: str) -> str:
    from zlib import crc32

    number = f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}"
    return f"{made[: _LONGEST - 9].rstrip('-') or 'x'}-{number}"
