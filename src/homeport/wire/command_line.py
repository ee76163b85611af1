"""Words of a command line as its program reads them: values of options, and ports in addresses.

Options are looked for wherever they stand: getopt(3) of the GNU C library allows any order.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def program_name(argv: Sequence[str]) -> str:
    """What runs, without its directory: `nc` of `/usr/bin/nc`. Empty without a command line."""
    words = argv[0].split(maxsplit=1) if argv else []
    return words[0].rstrip("/").rpartition("/")[2].rstrip(":") if words else ""


def values_of(argv: Sequence[str], *names: str) -> Iterator[str]:
    """The values of options, from `--listen 80` and `--listen=80`, in order."""
    for place, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if name not in names:
            continue
        if equals:
            yield value
        elif place + 1 < len(argv):
            yield argv[place + 1]


def has_option(argv: Sequence[str], *names: str) -> bool:
    """Whether an option is given, with or without a value."""
    return any(word.partition("=")[0] in names for word in argv)


def short_options(argv: Sequence[str]) -> str:
    """All letters behind a single dash, attached values among them: `lvp1234` of `-lv -p1234`."""
    return "".join(word[1:] for word in argv[1:] if word[:1] == "-" and word[1:2] not in ("", "-"))


def port_of(address: str) -> int | None:
    """The port of `5005`, `:5005`, `*:5005`, `host:5005` or `[::1]:5005`, None where there is none.

    0, for a port that the kernel assigns, is a port here.
    """
    text = address.rpartition(":")[2]
    if not (text.isascii() and text.isdigit()) or len(text) > 5:
        return None
    return int(text) if int(text) <= 65535 else None
