"""What `check` says of a service that is not well, in one sentence; asked of a process of its own.

A supervisor has no threads and must not wait, and checking does both. What adds nothing to what is
known already is not told: that nothing listens where the program has ended.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from homeport.host.shim.awaited import run_to_end
from homeport.model.address import Scope, scope_of
from homeport.model.errors import HomeportError
from homeport.model.explanation import Symptom
from homeport.model.record import NamedTuple
from homeport.model.running import Program
from homeport.wire.terminal_text import without_colours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from homeport.model.explanation import Mention
    from homeport.model.target import Target

LIMIT_S = 15.0
"""`check` takes 3 seconds, with slow names 5, and more on a machine that is busy."""

_LONGEST_DOCUMENT = 1 << 18
_LONGEST_ADVICE = 400
_SAYS_NOTHING_NEW = frozenset(("L1", "L2", "L3", "L9", "L27", "X0"))
"""Of the service's own port: that nobody listens there, and causes that are none."""

_HERE = (Scope.LOOPBACK, Scope.UNSPECIFIED)
_OF_A_PORT = (Symptom.REFUSED, Symptom.TIMED_OUT, Symptom.RESET, Symptom.CLOSED)


class Question(NamedTuple):
    """What `check` is asked; `own` says that it is about the service's own port."""

    words: tuple[str, ...]
    target: str
    own: bool = True


def about_itself(url: str | None) -> Question | None:
    """Why the service does not answer at its own port.

    Of a database only whether it speaks is asked: its password is not for a command line.
    """
    if url is None:
        return None
    target = url if url.startswith("http://") else url.partition("://")[2]
    return Question((target,), target)


def about_last_words(lines: Sequence[str], own_port: int) -> Question | None:
    """What a program that has ended complained of, if that is an endpoint of some kind."""
    from homeport.wire.paste import find_mentions  # its patterns take 10 ms, before every start

    mentions = find_mentions("\n".join(map(without_colours, lines)))
    for mention in mentions:
        target = _complained_of(mention)
        if target is None or target.port is None:
            continue
        place = str(target) if target.addresses else f"localhost:{target.port}"
        own = target.port == own_port
        if mention.symptom is Symptom.IN_USE:
            return Question(("--bind", place), place, own)
        if mention.symptom in _OF_A_PORT and not own:
            return Question((place,), place, own=False)
    return None


def _complained_of(mention: Mention) -> Target | None:
    target = mention.target
    if target is None or mention.symptom is None or (target.host and not target.addresses):
        return None
    # Other machines are left alone: nobody has told us to connect to them.
    here = all(scope_of(each) in _HERE for each in target.addresses)
    return target if here else None


def sentence(document: bytes, question: Question) -> str | None:
    """The cause in a document of `check`, with what mends it; None where nothing new is told."""
    try:
        # What else it says comes before, in lines of its own.
        found = next(line for line in reversed(document.splitlines()) if line.startswith(b"{"))
        cause = json.loads(found)["cause"]
        cause_id, title, fix = (str(cause[key]) for key in ("id", "title", "fix"))
    except (StopIteration, ValueError, KeyError, TypeError):
        return None
    if question.own and cause_id in _SAYS_NOTHING_NEW:
        return None
    at = "" if question.own else f"{question.target}: "
    first, _, more = fix.partition("\n")
    told = f"{at}{title}: {first.strip()}{' …' if more else ''}"
    return told if len(told) <= _LONGEST_ADVICE else told[: _LONGEST_ADVICE - 1] + "…"


class Advisor:
    """Asks about the services of one project. `check` is the command that is asked, in `environ`.

    An empty `check` knows of nothing.
    """

    def __init__(self, check: tuple[str, ...], environ: Mapping[str, str], directory: str) -> None:
        self._check = check
        self._env = tuple(environ.items())
        self._directory = directory

    async def ask(self, question: Question | None) -> str | None:
        """What is said, within `LIMIT_S`."""
        if question is None or not self._check:
            return None
        program = Program((*self._check, *question.words), self._env, self._directory)
        try:
            async with asyncio.timeout(LIMIT_S):
                _, printed = await run_to_end(program, most_output=_LONGEST_DOCUMENT)
        except (TimeoutError, HomeportError):
            return None
        return sentence(printed, question)


class Advice:
    """What is said of one service, while it is not well. `found` is called when that is known."""

    def __init__(self, advisor: Advisor, found: Callable[[], None]) -> None:
        self.text: str | None = None
        self._advisor = advisor
        self._found = found
        self._seeking: asyncio.Task[None] | None = None

    @property
    def pending(self) -> bool:
        """Whether somebody is being asked."""
        return self._seeking is not None

    async def await_it(self, question: Question | None) -> None:
        """Asks before anything else is done with the service."""
        self.text = await self._advisor.ask(question)

    def seek(self, question: Question | None) -> None:
        """Asks meanwhile, unless somebody is asked already or has answered."""
        if question is not None and self.text is None and not self.pending:
            self._seeking = asyncio.get_running_loop().create_task(self._seek(question))

    async def _seek(self, question: Question) -> None:
        self.text = await self._advisor.ask(question)
        self._seeking = None
        self._found()

    def forget(self) -> None:
        """The service is another than it was: what was said of it does not hold."""
        self.text = None
        if self._seeking is not None:
            self._seeking.cancel()
            self._seeking = None
