"""`homeport completion`: the script that lets a shell complete the command line."""

from __future__ import annotations

import argparse

from homeport import api
from homeport.cli import terminal
from homeport.model.errors import BadInput

SHELLS = ("bash", "zsh", "fish")
DESCRIPTION = """\
Prints the script that lets a shell complete commands, options, and the ports
that somebody listens on right now, and the services of the project in which
you are: those that run, and those that it declares.
"""
EPILOG = """\
for every new shell, once:
  d=~/.local/share/bash-completion/completions
  mkdir -p $d && homeport completion bash > $d/homeport

  homeport completion zsh > DIRECTORY/_homeport    (a directory of $fpath)

  homeport completion fish > ~/.config/fish/completions/homeport.fish

only for this one:
  source <(homeport completion bash)
"""
_ASKED = ("ports", "services")


def _completing(what: str) -> dict[str, object]:
    """How each shell asks for what there is just now.

    Functions of their own for bash and zsh: shtab's cmd() would ask zsh once, when it loads.
    """
    asking, function = f"homeport completion --{what} 2>/dev/null", f"_homeport_{what}"
    return {
        "bash": function,
        "zsh": function,
        "fish": f"({asking})",
        "preamble": {
            "bash": f'{function}() {{ compgen -W "$({asking})" -- "$1"; }}',
            "zsh": f"{function}() {{ local -a found=($({asking})); compadd -a found }}",
        },
    }


_COMPLETED = {
    "target": "ports",
    "port": "ports",
    "service": "services",
    "services": "services",
}
"""What is completed, by the name of the argument."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport completion`."""
    parser = subparsers.add_parser(
        "completion",
        help="the script with which a shell completes this",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("shell", choices=SHELLS, nargs="?", help="which shell")
    # What the scripts themselves ask, while somebody waits with a finger on the key.
    for what in _ASKED:
        parser.add_argument(f"--{what}", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Prints the script."""
    if arguments.ports:
        terminal.write(_listening_ports())
        return 0
    if arguments.services:
        terminal.write(api.service_names())
        return 0
    if arguments.shell is None:
        raise BadInput("which shell?", next_step="homeport completion " + "|".join(SHELLS))
    terminal.write([_script(arguments.shell)])
    return 0


def _listening_ports() -> list[str]:
    taken = api.snapshot(connections=False, unix=False, owners=False, facts=False)
    return [str(port) for port in sorted({each.endpoint.port for each in taken.listeners})]


def _script(shell: str) -> str:
    import shtab

    from homeport.cli.main import build_parser

    parser = build_parser()
    commands = _commands(parser)
    for action in [action for command in commands.values() for action in command._actions]:  # noqa: SLF001  (argparse shows its actions in no other way)
        if action.dest in _COMPLETED:
            action.complete = _completing(_COMPLETED[action.dest])  # type: ignore[attr-defined]
        if action.dest == "project":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    # `homeport --json` is `homeport ls --json`.
    for action in commands["ls"]._actions:  # noqa: SLF001
        if not set(action.option_strings) & set(parser._option_string_actions):  # noqa: SLF001
            parser._add_action(action)  # noqa: SLF001
    return str(shtab.complete(parser, shell=shell))


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands, by name; described in one line, for the menu of a shell."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            found.update(action.choices)
            for choice in action._choices_actions:  # noqa: SLF001
                found[choice.dest].description = choice.help
    return found
