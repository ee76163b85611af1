from __future__ import annotations

import os
import subprocess

import pytest

from homeport import __version__
from homeport.cli.main import COMMANDS, build_parser, main, with_command
from homeport.model.errors import BadInput
from tests.support import homeport_command, printed_by, run_homeport


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ([], ["ls"]),
        (["--json"], ["ls", "--json"]),
        (["--project", "watch"], ["ls", "--project", "watch"]),
        (["--color", "never", "--json"], ["--color", "never", "ls", "--json"]),
        (["--color=never"], ["--color=never", "ls"]),
        (["ls", "--json"], ["ls", "--json"]),
        (["--color", "never", "kill", "80"], ["--color", "never", "kill", "80"]),
        (["--color"], ["--color", "ls"]),
    ],
)
def test_without_a_command_ls_is_meant(typed: list[str], read: list[str]) -> None:
    words, place = with_command(typed)
    assert words == read
    assert place is not None
    assert words[place] in COMMANDS


@pytest.mark.parametrize("typed", [["--help"], ["-h"], ["--version"], ["--color=never", "-h"]])
def test_help_for_everything_is_no_command(typed: list[str]) -> None:
    assert with_command(typed) == (typed, None)


@pytest.mark.parametrize(
    ("word", "step"),
    [
        ("watc", "did you mean `homeport watch`?"),
        ("62893", "homeport explain 62893"),
        (":8080", "homeport explain :8080"),
        ("frobnicate", "homeport --help"),
    ],
)
def test_a_command_that_there_is_not_leads_to_one_that_there_is(word: str, step: str) -> None:
    with pytest.raises(BadInput) as raised:
        with_command([word])
    assert step in (raised.value.next_step or "")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_parser_for_one_command_knows_that_one_only(name: str) -> None:
    with pytest.raises(SystemExit):
        build_parser(name).parse_args([name, "--help"])
    other = next(each for each in COMMANDS if each != name)
    with pytest.raises(BadInput):
        build_parser(name).parse_args([other])


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_reads_in_eighty_columns(name: str | None) -> None:
    words = ["--help"] if name is None else [name, "--help"]
    done = run_homeport(*words, env={"COLUMNS": "80"})
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "example" in done.stdout or "homeport " in done.stdout.partition("options:")[2]


def test_the_version() -> None:
    assert run_homeport("--version").stdout == f"homeport {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--jsno"],
        ["ls", "more"],
        ["ls", "--port", "70000"],
        ["ls", "--port", "9-3"],
        ["ls", "--port", "a"],
        ["ls", "--pid", "x"],
        ["ls", "--port", ""],
        ["ls", "--port", ","],
        ["ls", "--port", "1-"],
        ["ls", "--port", "-1"],
        ["ls", "--pid", ""],
        ["ls", "--user", ""],
        ["ls", "--user", "no-such-user"],
        ["ls", "--project", ""],
        ["ls", "--project", "/no/such/directory"],
        ["watch", "--port", ""],
        ["watch", "--project", ""],
        ["ls", "--scope", "near"],
        ["ls", "--json", "--plain"],
        ["ls", "--port"],
        ["kill"],
        ["kill", "1.2.3.4.5:80"],
        ["kill", "80", "--timeout", "soon"],
        ["nonsense"],
        ["--color", "sometimes"],
        ["completion"],
        ["completion", "cmd.exe"],
    ],
)
def test_wrong_usage_is_one_clear_complaint(words: list[str]) -> None:
    done = run_homeport(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("homeport: ")
    assert "Traceback" not in done.stderr


def test_a_port_without_its_option_is_hinted_at() -> None:
    assert run_homeport("ls", "80").stderr.endswith("next: homeport ls --port 80\n")


def into(target: str, *words: str, errors: str = "") -> tuple[int, str]:
    """Exit status and standard error of the command with its output redirected by a shell."""
    command, _ = homeport_command()
    done = subprocess.run(
        ["sh", "-c", f'"$@" {target} {errors}', "sh", *command, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


EVERY_FORM = [
    ["ls"],
    ["--json"],
    ["--plain"],
    ["--tree"],
    ["--graph"],
    ["--help"],
    ["--version"],
    ["completion", "bash"],
]


@pytest.mark.parametrize("words", EVERY_FORM)
def test_a_full_disk_is_a_failure_that_is_told(words: list[str]) -> None:
    status, errors = into(">/dev/full", *words)
    assert status == 1
    assert errors == "homeport: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("words", EVERY_FORM)
def test_a_closed_output_is_a_failure_that_is_told(words: list[str]) -> None:
    told = "homeport: cannot write the output: Bad file descriptor\n"
    assert into(">&-", *words) == (1, told)


def test_closed_errors_are_no_trouble_either() -> None:
    assert into("", "nonsense", errors="2>&-") == (2, "")
    assert into("", "nonsense", errors="2>/dev/full") == (2, "")
    assert into(">&-", "ls", errors="2>&- <&-") == (1, "")


@pytest.mark.parametrize("words", EVERY_FORM)
def test_a_reader_that_has_seen_enough_is_no_failure(words: list[str]) -> None:
    command, _ = homeport_command()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*command, *words], stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_main_returns_the_status_and_does_not_leave(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert main(["nonsense"]) == 2
    assert capsys.readouterr().err.startswith("homeport: there is no command")


def test_ctrl_c_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("homeport.api.snapshot", interrupted)
    assert main(["ls"]) == 130
    assert capsys.readouterr().err == ""


def test_too_little_memory_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def too_large(**_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("homeport.api.snapshot", too_large)
    assert main(["ls"]) == 1
    assert capsys.readouterr().err == "homeport: there is not enough memory\n"


def test_nothing_heavy_is_loaded_to_list() -> None:
    program = (
        "import sys\nfrom homeport.cli.main import main\nmain(['ls', '--plain'])\n"
        "print('\\n', *sorted(sys.modules))"
    )
    loaded = set(printed_by(program).splitlines()[-1].split())
    # ctypes is left out: finding owners by BPF, and entering namespaces, is not to be had without.
    heavy = {
        "dataclasses",
        "datetime",
        "importlib.metadata",
        "inspect",
        "ipaddress",
        "json",
        "pathlib",
        "psutil",
        "shtab",
        "shutil",
        "sqlite3",
        "subprocess",
        "tempfile",
    }
    assert not loaded & heavy
    assert not {"homeport.cli.kill", "homeport.cli.watch", "homeport.report.table"} & loaded
