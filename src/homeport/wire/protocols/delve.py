"""Delve, the debugger of Go: its headless server ends with its first client.

Measured with `dlv dap` of 1.20.2: a connection that says nothing and leaves is its end. With
`--accept-multiclient` it goes on, and may be asked like anything else (dlv help debug).
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
