"""Steps: programs that run once, in order, before a service starts or after it answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from homeport.host.files import exists
from homeport.model.errors import HomeportError
from homeport.model.running import Gone, Started
from homeport.run.supervise.reasons import ending_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from homeport.model.running import Report
    from homeport.model.service import Step

    Run = Callable[[Step, Callable[[Report], None]], object]


class Say(Protocol):
    """Says a line among those of the service."""

    def __call__(self, text: str, /) -> None:
        """The line."""


async def run_steps(steps: Sequence[Step], run: Run, say: Say) -> str | None:
    """Runs those that are not done yet; why one failed, after which no other is run."""
    for step in steps:
        if step.unless is not None and exists(step.unless):
            continue
        say(step.what)
        if (failure := await _run_step(step, run)) is not None:
            return f"{step.what} {failure}"
    return None


async def _run_step(step: Step, run: Run) -> str | None:
    """Runs one to its end; why it failed, None where it did not."""
    ended: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def on_report(report: Report) -> None:
        if not ended.done() and not isinstance(report, Started | Gone):
            ended.set_result(ending_words(report, step.argv[0]))

    try:
        run(step, on_report)
        async with asyncio.timeout(step.timeout_ms / 1000):
            return await ended
    except HomeportError as error:
        return f"cannot be done: {error}"
    except TimeoutError:
        return f"has not ended within {step.timeout_ms / 1000:g} s"
