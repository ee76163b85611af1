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
    made = "-".join(_kept(_normal(text)).split())
    if not made:
        return _numbered("", text)
    if made.isascii():
        return _bounded(made, text)
    if (encoded := _encoded(made)) is not None:
        return encoded
    for length in range(_LONGEST - 9, 0, -1):
        shortened = f"{made[:length].rstrip('-')}-{_number(text)}"
        if (encoded := _encoded(shortened)) is not None:
            return encoded
    return _numbered("", text)


def _encoded(name: str) -> str | None:
    """The name as IDNA writes it, None where that makes no label."""
    if len(name) > _LONGEST:
        return None
    encoded = _PUNYCODE + name.encode("punycode").decode("ascii")
    return encoded if _is_punycode(encoded) else None


def _normal(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _kept(text: str) -> str:
    """What may stay of each character; a space where nothing may."""
    import unicodedata

    kept: list[str] = []
    for character in text:
        bare = unicodedata.normalize("NFKD", character)
        if bare[0] in _ALLOWED:
            kept += [each for each in bare if each in _ALLOWED]
            continue
        # A mark without the letter that it belongs to was an accent.
        kind = unicodedata.category(character)[0]
        if kind == "M" and kept and kept[-1] in _ALLOWED:
            continue
        kept.append(character if kind in "LMN" and not character.isascii() else " ")
    return "".join(kept)


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
    return f"{made[: _LONGEST - 9].rstrip('-') or 'x'}-{_number(text)}"


def _number(text: str) -> str:
    from zlib import crc32

    return f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}"
