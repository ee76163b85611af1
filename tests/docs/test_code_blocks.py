"""Runs every code block of the README and the documentation, as its reader would.

The blocks of a page run one after the other in one shell, in an empty directory, with the command
of this environment first in PATH and, as root, in a network namespace of their own. In a `console`
block, the lines below a command are what it prints: `…` or `...` stands for any text, a line of it
alone for any lines. A command without such lines only has to succeed. `python` blocks are run,
`toml` and `json` are parsed, `text` is for reading.

A comment before a block says what is special about it:

    <!-- exit: 1 -->                   the exit status of its last command
    <!-- listens: 8000 -->             its last command starts a server, awaited on this port
    <!-- needs: psql postgresql -->    a program, and the Debian package that has it
    <!-- free: 5432 -->                holds while nobody has this port; else the page is skipped.
                                       Not 8000, which tests/faults have in namespaces of theirs
    <!-- takes: 62893 -->              its command starts a server there; without a namespace of its
                                       own the page is skipped while somebody has the port
    <!-- file: api.py -->              what the block shows is put into this file, whatever its kind
    <!-- columns: 80 -->               how wide its terminal is, where that is not 100
    <!-- not run: because ... -->      not run at all; there may be three of these altogether
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil
import pytest

from homeport import snapshot
from tests.support import ROOT, SBIN, need, network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

SLOW = {
    "README.md",
    "docs/how-to/find-out-why-it-does-not-work.md",
    "docs/how-to/find-who-has-a-port.md",
    "docs/how-to/free-a-port.md",
    "docs/how-to/lease-a-port.md",
    "docs/how-to/read-an-error-message.md",
    "docs/how-to/run-branches-side-by-side.md",
    "docs/how-to/see-what-a-port-speaks.md",
    "docs/how-to/test-with-real-services.md",
    "docs/how-to/watch-and-record.md",
    "docs/how-to/work-with-the-database.md",
    "docs/tutorial/run-your-project.md",
}
"""Pages that take long; their commands have quicker tests."""

_OTHER_TESTS_S = 40

NOT_RUN_AT_MOST = 3

_FENCE = re.compile(
    r"(?P<comments>(?:^[ ]*<!--[^\n]*-->\n+)*)"
    r"^(?P<indent>[ ]*)(?P<fence>`{3,}|~{3,})(?P<kind>[^\n`]*)\n"
    r"(?P<text>.*?)"
    r"^(?P=indent)(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_COMMENT = re.compile(r"<!--\s*([a-z ]+):\s*(.*?)\s*-->")


class Block(NamedTuple):
    """A code block: its kind, its text, what the comments before it say, and where it stands."""

    kind: str
    text: str
    notes: dict[str, str]
    page: Path
    line: int

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


class Step(NamedTuple):
    """A command, the lines that the page shows of its output, and how it should end."""

    command: str
    shown: str = ""
    status: int = 0
    listens: str | None = None
    line: int = 0
    columns: str = "100"


def blocks(page: Path) -> list[Block]:
    """The code blocks of a page, in order."""
    source = page.read_text(encoding="utf-8")
    return [
        Block(
            kind=match["kind"].strip(),
            text=re.sub(f"^{match['indent']}", "", match["text"], flags=re.MULTILINE),
            notes=dict(_COMMENT.findall(match["comments"])),
            page=page,
            line=source.count("\n", 0, match.start("fence")) + 1,
        )
        for match in _FENCE.finditer(source)
    ]


def steps(text: str) -> list[Step]:
    """What a console block does: lines after `$ `, continued after a backslash, and its output."""
    found: list[Step] = []
    continued = False
    for line in text.splitlines():
        if continued:
            found[-1] = found[-1]._replace(
                command=f"{found[-1].command}\n{line.removeprefix('> ')}"
            )
            continued = line.endswith("\\")
        elif line.startswith("$ "):
            found.append(Step(line[2:]))
            continued = line.endswith("\\")
        else:
            assert found, f"output before the first command: {line!r}"
            found[-1] = found[-1]._replace(shown=f"{found[-1].shown}{line}\n")
    return found


def pattern(shown: str) -> re.Pattern[str]:
    """What the output has to match: a line of dots alone is any lines, elsewhere dots are any text.

    Blanks at the ends of lines do not count, and a run of them is as good as another. How many
    milliseconds something takes is the machine's affair.
    """
    lines = []
    for line in shown.rstrip().splitlines():
        if line.strip() in ("…", "..."):
            lines.append(r"(?:.*\n)*?")
            continue
        words = [re.escape(part) for part in re.split(r"…|\.\.\.", line.rstrip())]
        any_time = re.sub(r"\b\d+(\\ ms\b)", r"\\d+\1", ".*".join(words))
        lines.append(re.sub(r"(?:\\ )+", r"[ ]+", any_time) + r"[ ]*\n")
    return re.compile("".join(lines) + r"\s*")


ALL = [block for page in PAGES for block in blocks(page)]


def page_steps(page: Path) -> list[Step]:
    """All that a page does, in order; fails on a block of a kind that nobody checks."""
    return [step for block in blocks(page) if "not run" not in block.notes for step in act(block)]


def act(block: Block) -> list[Step]:
    """What a block does."""
    if "file" in block.notes:
        written = f"cat >'{block.notes['file']}' <<'END OF BLOCK'\n{block.text}END OF BLOCK"
        return _noted([Step(written)], block)
    match block.kind:
        case "console":
            return _noted(steps(block.text), block)
        case "python":
            return _noted(
                [Step(f"python3 -W error - <<'END OF BLOCK'\n{block.text}\nEND OF BLOCK")], block
            )
        case "toml":
            tomllib.loads(block.text)
        case "json":
            json.loads(block.text)
        case kind if kind != "text" and not kind.startswith("{"):  # those are the site's to build
            pytest.fail(f"{block}: a block of a kind that no test knows: {kind!r}")
    return []


def _noted(found: list[Step], block: Block) -> list[Step]:
    if "needs" in block.notes:
        program, package = block.notes["needs"].split()
        need(program, package=package)
    if "free" in block.notes and not _becomes_free(int(block.notes["free"])):
        pytest.skip(f"{block} tells of port {block.notes['free']}, and somebody here has it")
    if "takes" in block.notes and os.geteuid() != 0 and not _is_free(int(block.notes["takes"])):
        pytest.skip(f"{block} starts a server on {block.notes['takes']}, and somebody here has it")
    columns = block.notes.get("columns", "100")
    placed = [step._replace(line=block.line, columns=columns) for step in found]
    status, listens = int(block.notes.get("exit", "0")), block.notes.get("listens")
    placed[-1] = placed[-1]._replace(status=status, listens=listens)
    return placed


def _is_free(port: int) -> bool:
    """Whether nobody has a port, in no namespace either: explain would tell of that one, too."""
    return all(each.endpoint.port != port for each in snapshot(connections=False).listeners)


def _becomes_free(port: int) -> bool:
    """Whether a port is free, at the latest when other tests in namespaces of theirs are done."""
    deadline = time.monotonic() + _OTHER_TESTS_S
    while not _is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def script(todo: list[Step], place: Path) -> str:
    """A shell script that runs the steps and keeps what each printed and how it ended.

    The output goes to files and not to a pipe, which a server in the background would hold open.
    """
    lines = []
    for number, step in enumerate(todo):
        (place / f"step{number}").write_text(step.command + "\n", encoding="utf-8")
        lines.append(f"COLUMNS={step.columns}")
        lines.append(f". '{place}/step{number}' </dev/null >'{place}/output{number}' 2>&1")
        lines.append(f"echo $? >'{place}/status{number}'")
        if step.listens:
            listener = f"ss -Htln 'sport = :{step.listens}' | grep -q ."
            lines.append(f"n=0; until {listener} || [ $n = 200 ]; do n=$((n+1)); sleep 0.05; done")
    return "\n".join(lines)


def run_page(todo: list[Step], place: Path, prefix: list[str]) -> None:
    """Runs the script of a page, and ends what it left running."""
    work = place / "work"
    work.mkdir()
    own = str(Path(sys.executable).parent)
    path = f"{own}:{os.environ.get('PATH', os.defpath)}:{SBIN}"
    env = {**os.environ, "PATH": path, "COLUMNS": "", "LC_ALL": "C.UTF-8"}
    env["XDG_STATE_HOME"] = str(place / "state")  # a history for each page
    env.pop("HOMEPORT_PORT", None)
    # A gateway for each page, too: that of the page before may be in another network namespace.
    # Its sockets need a short path.
    with tempfile.TemporaryDirectory(prefix="homeport-page-") as runtime:
        env["XDG_RUNTIME_DIR"] = runtime
        process = subprocess.Popen(
            [*prefix, "sh", "-c", script(todo, place)], cwd=work, env=env, start_new_session=True
        )
        try:
            process.wait(100)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            end_all_of(runtime)


def end_all_of(runtime: str) -> None:
    """Ends what a page has left in the background: a gateway stays for a while."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("XDG_RUNTIME_DIR") == runtime:
                process.terminate()
                process.wait(20)


@contextmanager
def alone_with_its_ports(page: Path) -> Generator[None]:
    """No other page that speaks of the same ports runs at the same time, in no worker either."""
    notes = [block.notes for block in blocks(page)]
    ports = {each[name] for each in notes for name in ("free", "listens", "takes") if name in each}
    with ExitStack() as locks:
        for port in sorted(ports):
            path = Path(tempfile.gettempdir(), f"homeport-page-{os.geteuid()}-{port}")
            fcntl.flock(locks.enter_context(path.open("w")), fcntl.LOCK_EX)
        yield


def check(step: Step, number: int, place: Path) -> None:
    """Holds what a step printed against what the page shows."""
    output = (place / f"output{number}").read_text(encoding="utf-8", errors="replace")
    status = int((place / f"status{number}").read_text(encoding="ascii"))
    where = f"line {step.line}: {step.command}\nprinted:\n{output}\n"
    assert status == step.status, f"{where}ended with {status}, not {step.status}"
    if step.shown.strip():
        assert pattern(step.shown).fullmatch(output + "\n"), (
            f"{where}but the page shows:\n{step.shown}"
        )


def parameter(page: Path) -> Any:
    name = str(page.relative_to(ROOT))
    return pytest.param(page, id=name, marks=[pytest.mark.slow] if name in SLOW else [])


@pytest.mark.parametrize("page", [parameter(page) for page in PAGES])
def test_the_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    with alone_with_its_ports(page):
        todo = page_steps(page)
        if not todo:
            return
        with network_namespace() if os.geteuid() == 0 else nullcontext() as namespace:
            run_page(todo, tmp_path, namespace.command() if namespace else [])
    for number, step in enumerate(todo):
        check(step, number, tmp_path)


def test_hardly_any_block_is_left_out() -> None:
    left_out = {str(block): block.notes["not run"] for block in ALL if "not run" in block.notes}
    assert len(left_out) <= NOT_RUN_AT_MOST, left_out
    assert all(left_out.values())


def test_a_kind_that_nobody_checks_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="no test knows: 'perl'"):
        act(Block("perl", "", {}, ROOT / "README.md", 1))


def test_a_block_may_be_a_file(tmp_path: Path) -> None:
    shown = "a = '$b'\n"
    todo = [
        *act(Block("toml", shown, {"file": "a.toml"}, ROOT / "README.md", 1)),
        Step("cat a.toml"),
    ]
    run_page(todo, tmp_path, [])
    check(todo[1]._replace(shown=shown), 1, tmp_path)


def test_a_page_keeps_its_shell_its_directory_and_its_servers(tmp_path: Path) -> None:
    todo = [
        Step("mkdir a; cd a; x=1"),
        Step("sleep 600 &"),
        Step("pwd; echo $x; kill -0 $!", "…/a\n1\n"),
    ]
    run_page(todo, tmp_path, [])
    for number, step in enumerate(todo):
        check(step, number, tmp_path)


def test_a_wrong_status_and_a_wrong_output_are_found(tmp_path: Path) -> None:
    todo = [Step("false"), Step("echo a", "b\n")]
    run_page(todo, tmp_path, [])
    for number, step in enumerate(todo):
        with pytest.raises(AssertionError):
            check(step, number, tmp_path)


def test_every_fence_is_seen() -> None:
    for page in PAGES:
        fences = re.findall(r"^[ ]*(?:`{3,}|~{3,})", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(fences) == 2 * len(blocks(page)), page


def test_the_pattern_takes_what_it_shows_and_nothing_else() -> None:
    shown = "tcp 127.0.0.1:…  pid ...\n…\nend\n"
    assert pattern(shown).fullmatch("tcp  127.0.0.1:80 pid 7\na\nb\nend\n")
    assert pattern(shown).fullmatch("tcp 127.0.0.1:80 pid 7\nend\n\n")
    assert not pattern(shown).fullmatch("tcp 127.0.0.2:80 pid 7\nend\n")
    assert not pattern(shown).fullmatch("tcp 127.0.0.1:80 pid 7\nend\nmore\n")
    assert pattern("refused after 0 ms").fullmatch("refused after 17 ms\n")
    assert not pattern("refused after 0 ms").fullmatch("refused after a ms\n")


def test_steps_take_continued_lines_and_output() -> None:
    assert steps("$ a \\\n> b\nc\n\nd\n$ e\n") == [Step("a \\\nb", "c\n\nd\n"), Step("e", "")]
