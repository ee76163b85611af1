"""A command line at the end of ours, behind `--`; and becoming that command."""

from __future__ import annotations

import os
import sys

from homeport.model.errors import BadInput, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from typing import NoReturn


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


def replace_process(words: list[str], variables: Mapping[str, str]) -> NoReturn:
    """Goes on as that program, with these variables besides; raises `NotFound`."""
    sys.stdout.flush()
    environment = {**os.environ, **variables}
    try:
        os.execvpe(words[0], words, environment)  # noqa: S606  (no shell is what is wanted)
    except OSError as error:
        raise NotFound(f"{words[0]} cannot be run", why=error.strerror) from None
