"""A command line at the end of ours, behind `--`."""

from __future__ import annotations

from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def add_command(parser: argparse.ArgumentParser) -> None:
    """The words of the command."""
    parser.add_argument("words", metavar="-- COMMAND", nargs="...", help="what to run")


def words_of(arguments: argparse.Namespace, example: str) -> list[str]:
    """The words, without the `--` before them; raises `BadInput` where there are none."""
    words: list[str] = arguments.words
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        raise BadInput("what is to be run?", next_step=example)
    return words
