"""Services that another program runs for itself, such as a test run, and that end with it.

`Embedded` is that program's side. This module is also the supervisor's process, a child of it:
`python -m homeport.run.supervise.embedded`. What to run comes as the first line on its standard
input; the end of that, however it comes, ends all services.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from contextlib import suppress
from typing import Self

from homeport.host.clock import MILLISECOND_NS, Clock
from homeport.model.errors import BadInput, BrokenMessage, HomeportError
from homeport.model.record import NamedTuple
from homeport.run.supervise.client import (
    ANSWER_MS,
    Client,
    connect,
    raise_refusal,
    refusal_json,
)
from homeport.run.supervise.following import Line, parse_told
from homeport.run.supervise.instance import instance_of
from homeport.wire.json_lines import LineDecoder, encode
from homeport.wire.supervision import Request, parse_status, service_json, status_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from homeport.model.service import Declaration
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.run.supervise.starting import Claim

_START_NS = 180_000 * MILLISECOND_NS
_END_S = 30.0
_PIECE = 1 << 16
_LAST_LINES = 200
_SOURCE = "tests"


class Wanted(NamedTuple):
    """What to run: services that the project of `directory` declares, or recipes by their names.

    `options` are a recipe's own. `part` keeps several of one directory apart: their ports, data
    and names. `check` is as in `Manner`.
    """

    directory: str
    names: tuple[str, ...]
    part: str
    options: tuple[tuple[str, str], ...] = ()
    check: tuple[str, ...] = ()


class Embedded:
    """Running services of our own: a context manager, at the end of which they are gone.

    Raises `HomeportError` where they do not become ready, with what they printed.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._decoder = LineDecoder()
        self._lines: deque[Line] = deque(maxlen=_LAST_LINES)
        self._process: subprocess.Popen[bytes] | None = None
        self.status: ProjectStatus | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts them and waits until each is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __spec__.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C in a terminal is for the program that we are a part of; it tells us by ending.
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("pipes were asked for")
        with suppress(BrokenPipeError):  # it has ended already, which is seen below
            self._process.stdin.write(json.dumps(self._wanted._asdict()).encode() + b"\n")
            self._process.stdin.flush()
        os.set_blocking(self._process.stdout.fileno(), False)
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def _await_ready(self) -> None:
        clock = Clock()
        deadline_ns = clock.monotonic_ns() + _START_NS
        while self.status is None:
            left_ns = deadline_ns - clock.monotonic_ns()
            if left_ns <= 0 or not self._hear(clock, left_ns):
                raise HomeportError(
                    f"{', '.join(self._wanted.names)} did not start", why=self._last_words()
                )
        failed = [each for each in self.status.services if each.reason is not None]
        if failed:
            advice = failed[0].advice
            said = [self._last_words(), f"check says: {advice}" if advice else None]
            why = "\n".join(each for each in said if each)
            raise HomeportError(f"{failed[0].name} {failed[0].reason}", why=why or None)

    def _last_words(self) -> str | None:
        return "\n".join(line.text for line in list(self._lines)[-10:]) or None

    def _hear(self, clock: Clock, timeout_ns: int) -> bool:
        """Takes what the supervisor tells within a time; False once it has ended."""
        if self._process is None or self._process.stdout is None:
            return False
        stdout = self._process.stdout
        if not clock.wait([stdout], timeout_ns):
            return True
        data = os.read(stdout.fileno(), _PIECE)
        for message in self._decoder.feed(data):
            self._take(message)
        return bool(data)

    def _take(self, message: dict[str, object]) -> None:
        raise_refusal(message)
        told = parse_told(message)
        if isinstance(told, Line):
            self._lines.append(told)
        status = message.get("status")
        if isinstance(status, dict):
            self.status = parse_status(status)

    def lines(self) -> list[Line]:
        """What the services have printed last, the earliest first; as far as can be told."""
        try:
            client = self.client()
        except HomeportError:
            return list(self._lines)
        with client:
            client.send(Request("follow", tail=_LAST_LINES))
            found = []
            for message in client.messages(ANSWER_MS):
                told = parse_told(message)
                if isinstance(told, Line):
                    found.append(told)
                if "following" in message:
                    break
        return found

    def environment(self, service: str | None = None) -> dict[str, str]:
        """What programs need to reach them; of one service all that it was given."""
        names = () if service is None else (service,)
        with self.client() as client:
            answer = client.answer(Request("environment", names), "environment")
        if not isinstance(answer, dict):
            raise BrokenMessage("the environment that a supervisor told is no object")
        return {str(name): str(text) for name, text in answer.items()}

    def facts(self, service: str) -> dict[str, str]:
        """What references name: url, port, password."""
        with self.client() as client:
            answer = client.answer(Request("facts", (service,)), "facts")
        if not isinstance(answer, dict):
            raise BrokenMessage("the facts that a supervisor told are no object")
        return {str(name): str(text) for name, text in answer.items()}

    def reset(self, service: str) -> None:
        """Leaves a database as it was when it was made; raises `HomeportError` where that fails."""
        with self.client() as client:
            steps = client.answer(Request("database", (service,), what="reset"), "steps")
        for step in steps if isinstance(steps, list) else ():
            env = {**os.environ, **{str(name): str(text) for name, text in step["env"]}}
            try:
                done = subprocess.run(
                    step["argv"],
                    env=env,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=_END_S,
                )
            except subprocess.TimeoutExpired as error:
                why = f"it was given {_END_S} s"
                raise HomeportError(f"{step['what']} did not end", why=why) from error
            if done.returncode:
                raise HomeportError(f"{step['what']} failed", why=done.stderr.strip() or None)

    def client(self) -> Client:
        """A conversation with their supervisor; raises `HomeportError` where it has ended."""
        if self.status is not None:
            instance = instance_of(self.status.root, self.status.name, self._wanted.part)
            client = connect(instance.control_path)
            if client is not None:
                return client
        raise HomeportError("the services have ended", why=self._last_words())

    def stop(self) -> None:
        """Ends them, and waits until nothing is left."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
        # It must not wait for somebody to read what it has left to say.
        if process.stdout is not None:
            process.stdout.close()
        # A process that we have forked may have the pipe as well, and keep it open.
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Printer:
    """Tells on standard output what happens until all have settled; then nobody reads there."""

    def __init__(self) -> None:
        self._settled = False

    def line(self, service: str, text: str) -> None:
        """A line that a service has printed."""
        self.tell({"line": {"service": service, "text": text}})

    def change(self, status: ServiceStatus) -> None:
        """A service is not as it was."""
        self.tell({"change": service_json(status)})

    def settled(self, status: ProjectStatus) -> None:
        """Each is ready, or will not be."""
        self.tell({"status": status_json(status)})
        self._settled = True

    def waiting(self, what: str) -> None:
        """It takes a while."""
        self.line("homeport", what)

    def tell(self, message: dict[str, object]) -> None:
        """A message; whoever does not take it is about to end us."""
        if self._settled:
            return
        try:
            sys.stdout.buffer.write(encode(message))
            sys.stdout.buffer.flush()
        except OSError:
            return


def _declared(wanted: Wanted) -> Declaration:
    """The services as recipes, if there are some of all these names; else as the project says."""
    from homeport.run.declaring import declaration
    from homeport.run.recipes import recipe_for

    if all(map(recipe_for, wanted.names)):
        return _labelled(_of_recipes(wanted), wanted)
    return _labelled(declaration(wanted.directory), wanted)


def _of_recipes(wanted: Wanted) -> Declaration:
    from homeport.host.project_roots import project_directory, project_names
    from homeport.model.service import Declaration, Service
    from homeport.run.recipes import recipe_for
    from homeport.wire.declaration.labels import label

    root = project_directory(wanted.directory)
    services = tuple(
        Service(name, root, _SOURCE, recipe=recipe.name, options=wanted.options)
        for name in wanted.names
        if (recipe := recipe_for(name)) is not None
    )
    name, branch = project_names(root)
    label_of_branch = None if branch is None else label(branch)
    return Declaration(root, label(name), label_of_branch, _SOURCE, services)


def _labelled(declared: Declaration, wanted: Wanted) -> Declaration:
    from homeport.wire.declaration.labels import label

    return declared._replace(name=label(f"{declared.name}-{wanted.part}"))


def _claim(declared: Declaration, wanted: Wanted, printer: _Printer) -> Claim:
    from homeport.run.supervise.starting import claim

    taken = claim(
        declared.root, declared.name, part=wanted.part, waiting=printer.waiting, clock=Clock()
    )
    if not taken.locks:
        raise HomeportError(
            f"{', '.join(wanted.names)} run already for {wanted.part} of {declared.root}",
            why="another test run uses them",
        )
    return taken


def _read_wanted(line: bytes) -> Wanted:
    """What to run, as `Embedded` says it; raises `BadInput`."""
    try:
        told = json.loads(line)
        return Wanted(
            str(told["directory"]),
            tuple(told["names"]),
            str(told["part"]),
            tuple((str(key), str(text)) for key, text in told["options"]),
            tuple(map(str, told["check"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("what is to be run cannot be read", why=repr(error)) from None


def main() -> int:
    """The supervisor: reads what to run, and runs it until standard input ends."""
    from homeport.run.leases import acquire
    from homeport.run.supervise.manner import Manner
    from homeport.run.supervise.starting import supervise

    printer = _Printer()
    try:
        wanted = _read_wanted(sys.stdin.buffer.readline())
        declared = _declared(wanted)
        manner = Manner(
            os.environ,
            lambda key, port: acquire(key, port=port),
            services=wanted.names,
            ends_with=sys.stdin.fileno(),
            part=wanted.part,
            check=wanted.check,
        )
        taken = _claim(declared, wanted, printer)
        return supervise(lambda: _declared(wanted), taken, printer, manner)
    except HomeportError as error:
        printer.tell(refusal_json(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
