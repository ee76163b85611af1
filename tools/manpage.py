"""Prints the man page of the command, made from the parser that reads its command line."""

from __future__ import annotations

import argparse
import re

from argparse_manpage.manpage import Manpage

from homeport import __version__
from homeport.cli.main import build_parser

FACTS = {
    "project_name": "homeport",
    "description": "see what is on this machine's ports, who owns it, and who can reach it",
    "version": __version__,
    "manual_title": "Homeport",
    "manual_section": 1,
}


# A line that begins with `.env` is text: troff's own requests, such as .nf, have two letters.
_A_WORD = re.compile(r"^\.(?=[a-z]{3})", re.MULTILINE)


def manpage() -> str:
    """The page, in the language of man(7)."""
    parser = build_parser()
    for command in commands(parser).values():
        # What stands below the options in --help would be left out of a command's section.
        command.description = "\n\n".join(filter(None, (command.description, command.epilog)))
    page = str(Manpage(parser, FACTS, format="single-commands-section"))
    return _A_WORD.sub(r"\\&.", page.replace(".SH COMMENTS", ".SH NOTES"))


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands, by name."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:  # noqa: SLF001  (argparse offers no other way to walk it)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            found.update(action.choices)
    return found


if __name__ == "__main__":
    print(manpage())
