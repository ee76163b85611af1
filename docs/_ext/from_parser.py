"""The directive `command`: usage and options of one command, from the parser that reads them.

    ```{command} ls
    ```

Without an argument it shows the program itself. A command that no page shows is a warning, and so
fails the build.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.util import logging

from homeport.cli.main import build_parser
from tools.manpage import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_shown: set[str] = set()


class CommandDirective(Directive):
    """Shows one command."""

    optional_arguments = 1
    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """The usage, and each group of options as a list."""
        parser = build_parser()
        parser.prog = "homeport"
        if self.arguments:
            _shown.add(self.arguments[0])
            parser = commands(parser)[self.arguments[0]]
        usage = parser.format_usage().removeprefix("usage: ").replace("\n" + " " * 7, "\n")
        return [
            _literal(usage),
            *_prose(parser.description),
            *_groups(parser),
            *_prose(parser.epilog),
        ]


def _literal(text: str) -> nodes.Node:
    return nodes.literal_block(text, text.rstrip(), language="text")


def _prose(text: str | None) -> Iterator[nodes.Node]:
    """Paragraphs; those with an indented line are shown as they stand."""
    for part in (text or "").strip().split("\n\n"):
        if "\n " in part or part.startswith(" "):
            yield _literal(part)
        elif part:
            yield nodes.paragraph(part, part)


def _groups(parser: argparse.ArgumentParser) -> Iterator[nodes.Node]:
    for group in parser._action_groups:  # noqa: SLF001
        actions = [each for each in group._group_actions if each.help != argparse.SUPPRESS]  # noqa: SLF001
        if actions:
            yield nodes.rubric("", group.title or "")
            yield _list(actions, parser)


def _list(actions: list[argparse.Action], parser: argparse.ArgumentParser) -> nodes.Node:
    items = nodes.definition_list()
    formatter = parser._get_formatter()  # noqa: SLF001
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for choice in action._choices_actions:  # noqa: SLF001
                items += _item(choice.dest, choice.help or "")
            continue
        items += _item(
            formatter._format_action_invocation(action),  # noqa: SLF001
            formatter._expand_help(action) if action.help else "",  # noqa: SLF001
        )
    return items


def _item(term: str, meaning: str) -> nodes.definition_list_item:
    return nodes.definition_list_item(
        "",
        nodes.term("", "", nodes.literal(term, term)),
        nodes.definition("", nodes.paragraph(meaning, meaning)),
    )


def _check_complete(_app: Sphinx, _env: BuildEnvironment) -> None:
    for name in sorted(commands(build_parser()).keys() - _shown):
        logging.getLogger(__name__).warning("no page shows the command %r", name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directive."""
    app.add_directive("command", CommandDirective)
    app.connect("env-updated", _check_complete)
    return {"parallel_read_safe": False}
