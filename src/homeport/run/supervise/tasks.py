"""Tasks of an event loop whose failure is seen: what nobody awaits must not fail in silence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine


def begin(work: Coroutine[None, None, None], tasks: set[asyncio.Task[None]]) -> None:
    """Starts a task and keeps it among `tasks` until it is done.

    What it raises is a bug, and goes where the exceptions of callbacks go.
    """
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)

    def done(task: asyncio.Task[None]) -> None:
        tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "a task has failed", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)

    task.add_done_callback(done)
