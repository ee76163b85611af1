r"""What a program prints at its terminal, as lines of text that no terminal obeys.

A service may print what other people sent it. Colours (SGR, ECMA-48 8.3.117) are kept; everything
else that a terminal would act on is taken out: movements, titles, the clipboard (OSC 52), reports
that would come back as if typed. The time that takes grows only with the length of the text.
"""

from __future__ import annotations

import codecs
import re

LONGEST_LINE = 8192
"""What is longer goes on in a further line; in characters."""

_COLOUR = r"\x1b\[[0-9;:]{0,64}m"
_ACTED_ON = re.compile(
    rf"(?P<colour>{_COLOUR})"
    # Strings with an end: DCS, SOS, OSC, PM, APC, in both their forms; an end may be missing.
    r"|(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    # Control sequences, also broken ones.
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    # Other escape sequences, and characters that act by themselves or turn the text around.
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_RESET = "\x1b[0m"


def only_colours(text: str) -> str:
    """The text without what a terminal acts on, but for colours, which end with the text."""
    if text.isprintable():  # most lines: a tenth of the time that the search takes
        return text
    kept = _ACTED_ON.sub(lambda match: match["colour"] or "", text)
    if "\x1b" in kept and not kept.endswith((_RESET, "\x1b[m")):
        return kept + _RESET
    return kept


def without_colours(text: str) -> str:
    """The text without anything that a terminal acts on."""
    return _ACTED_ON.sub("", text)


class TerminalLines:
    """Puts lines together from pieces of output.

    Of a line that was written over again and again (progress, by a carriage return) the last state
    counts. Bytes that are no UTF-8 are replaced.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._open = ""

    @property
    def pending(self) -> bool:
        """Whether there is a line without its end."""
        return bool(self._open)

    def feed(self, data: bytes) -> list[str]:
        """The lines that are whole now."""
        *whole, self._open = (self._open + self._decoder.decode(data)).split("\n")
        lines = [piece for line in whole for piece in _pieces(_last_state(line))]
        if len(self._open) > LONGEST_LINE:
            state = self._open if "\r" not in self._open else _last_state(self._open) + "\r"
            *cut, self._open = _pieces(state)
            lines += cut
        return [only_colours(line) for line in lines]

    def flush(self) -> list[str]:
        """What there is of a line without its end: a prompt, or the last words."""
        line, self._open = self._open, ""
        return [only_colours(piece) for piece in _pieces(_last_state(line))] if line else []


def _last_state(line: str) -> str:
    """What is seen of a line in the end: what was written since it was last begun anew."""
    return line.rstrip("\r").rpartition("\r")[2]


def _pieces(line: str) -> list[str]:
    return [line[at : at + LONGEST_LINE] for at in range(0, len(line), LONGEST_LINE)] or [""]
