"""Delve, the debugger of Go: its headless server ends with its first client.

With `--accept-multiclient` it does not, and may be asked like anything else. (Delve, "Command-line
options": `dlv --help`.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.wire.command_line import has_option, program_name
from homeport.wire.protocols import Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


def _harm(argv: Sequence[str], port: int) -> str | None:  # noqa: ARG001  (it has no other port)
    if program_name(argv) not in {"dlv", "dlv-dap"} or has_option(argv, "--accept-multiclient"):
        return None
    return "the debugger ends with its first client"


PROTOCOL = Protocol(
    name="delve",
    source="https://github.com/go-delve/delve/blob/master/Documentation/usage/dlv.md",
    harm=_harm,
)
