"""Variables of an environment: for a shell, for a file that tools read, and as JSON.

`homeport/env@1` is the JSON. They hold passwords: whoever prints them was asked to.
"""

from __future__ import annotations

from homeport.report.ls_json import valid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "homeport/env@1"


def shell_lines(variables: Mapping[str, str]) -> list[str]:
    """What a POSIX shell evaluates; names that it could not have are left out."""
    from shlex import quote

    return [f"export {name}={quote(text)}" for name, text in _sorted(variables)]


def dotenv_lines(variables: Mapping[str, str]) -> list[str]:
    """The lines of a file of variables, quoted so that nothing in them is taken for a reference."""
    return [f"{name}={_quoted(text)}" for name, text in _sorted(variables)]


def _sorted(variables: Mapping[str, str]) -> list[tuple[str, str]]:
    usual = ((name, text) for name, text in variables.items() if name.isascii())
    return sorted((name, text) for name, text in usual if name.isidentifier())


def _quoted(text: str) -> str:
    # Readers differ in what a backslash is there, before another one or a quote.
    is_plain = "'" not in text and "\n" not in text
    if is_plain and "\\\\" not in text and not text.endswith("\\"):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + escaped.replace("\n", "\\n") + '"'


def environment_json(variables: Mapping[str, str]) -> dict[str, object]:
    """The document."""
    return {
        "schema": SCHEMA,
        "variables": {valid(name): valid(text) for name, text in sorted(variables.items())},
    }
