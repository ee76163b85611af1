"""What processes see under foreman and honcho, they see under ours, too; and what we do instead.

Where those two differ from one another, the values of all three stand here.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from homeport.run.declaring import declaration
from tests.run.conventions.differences import TOLD, differences
from tests.run.conventions.peers import FOREMAN, HOMEPORT, HONCHO, staged
from tests.support import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.run.conventions.peers import Told

pytestmark = pytest.mark.slow

RUNNERS = (FOREMAN, HONCHO, HOMEPORT)


def under_each(base: Path, files: Mapping[str, str]) -> dict[str, Told]:
    """What a directory with these files is under each of the three."""
    foreman = unpacked("foreman")
    source = base / "source"
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    with staged(source, base / "stage") as stage:
        return {runner: stage.under(runner, foreman) for runner in RUNNERS}


def argv(told: Told, process: str) -> list[str]:
    return [" ".join(each.argv) for each in told.seen[process]]


THE_SAME = {
    "a hosted application": """\
web: bin/serve --port $PORT --log-file -
worker: queue work --queues high,default
beat: queue beat
release: migrate --noinput
""",
    "names": """\
web-api: serve
mail_out: mail
Clock: tick
w2:work
9lives: cat
spaced:      serve   a
tabbed:\tserve b
-: dash
""",
    "comments, odd lines and no end of the last": """\
# what: runs

#old: gone
not a process
 indented: gone
dotted.name: gone
empty:
spaced : gone
   \t
web: serve   \t
last: work""",
    "another system's ends of lines": "web: serve $PORT\r\n\r\n# c\r\nworker: work a\r\n",
    "the shell's own words": r"""
port: serve $PORT ${PORT} ${PORT:-3000} "http://localhost:$PORT/" a=$PORT
unset: serve ${NONE:-otherwise} [${NONE}] ${NONE:=set}
and: prepare --all && cd sub && serve
or: prepare x || false; serve
pipe: serve a 2>&1 | grep --line-buffered b
set: FOO='a b' BAR="$FOO" serve "$FOO" $FOO
env: env FOO=bar serve 'c  d' e\ f
nested: sh -c 'prepare y && exec serve "$HOME"' # a comment
bash: bash -lc "serve \"it's\" a"
colons: serve http://localhost:8080/?a=b:c web: d
if: if [ -f Procfile ]; then serve found; else serve missing; fi
output: serve $(echo a b) `echo c`
glob: serve Proc* *.none "*"
umlaut: serve Grüße
""",
}


@pytest.mark.parametrize("which", THE_SAME)
def test_what_foreman_and_honcho_agree_on(tmp_path: Path, which: str) -> None:
    files = {"Procfile": THE_SAME[which], ".env": "A=1\nB='two words'\nFILE=\"of the file\"\n"}
    told = under_each(tmp_path, files)
    assert told[HOMEPORT].seen.keys() == told[FOREMAN].seen.keys() == told[HONCHO].seen.keys()
    for name, ours in told[HOMEPORT].seen.items():
        assert ours[0].env["B"] == "two words"
        assert differences(told[FOREMAN].seen[name], ours) == [], name
        assert differences(told[HONCHO].seen[name], ours) == [], name


@pytest.mark.parametrize("which", THE_SAME)
def test_the_processes_are_those_that_foreman_names(tmp_path: Path, which: str) -> None:
    (tmp_path / "Procfile").write_bytes(THE_SAME[which].encode())
    argv = [unpacked("foreman"), "check"]
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    listed = re.search(r"\((.*)\)", done.stdout)
    assert listed
    assert listed[1].split(", ") == [each.name for each in declaration(str(tmp_path)).services]


def test_ports_are_numbers_of_their_own_everywhere(tmp_path: Path) -> None:
    told = under_each(tmp_path, {"Procfile": "web: serve\napi: serve\n"})
    for runner in RUNNERS:
        ports = {seen.env["PORT"] for each in told[runner].seen.values() for seen in each}
        assert len(ports) == 2
        assert all(port.isdigit() for port in ports)


ENV_LINES = [
    # line, what foreman reads, honcho, ours
    ("PLAIN=1", "1", "1", "1"),
    ('NONE=""', "", "", ""),
    ("HOME=/of/the/file", "/of/the/file", "/of/the/file", "/of/the/file"),
    (r'QUOTES="say \"hi\""', 'say "hi"', 'say "hi"', 'say "hi"'),
    (r'LINES="one\ntwo"', "one\ntwo", "one\ntwo", "one\ntwo"),
    ("""JSON='{"a": "$PLAIN"}'""", '{"a": "$PLAIN"}', '{"a": "$PLAIN"}', '{"a": "$PLAIN"}'),
    ("DOLLAR=$PLAIN/x$", "$PLAIN/x$", "$PLAIN/x$", "$PLAIN/x$"),
    ("EQUALS=a=b==", "a=b==", "a=b==", "a=b=="),
    ("EMPTY=", "", None, ""),
    ("export EXPORTED=yes", None, None, "yes"),
    ("SPACED = about", None, "about", "about"),
    ("  INDENTED=1", None, "1", "1"),
    ("COMMENTED=value # why", "value # why", "value", "value"),
    ('QUOTED="a # b" # why', '"a # b" # why', "a # b", "a # b"),
    ("WORDS=two words", "two words", "twowords", "two words"),
    ("HASH=a#b", "a#b", "a", "a#b"),
    ("SEMICOLON=a;b", "a;b", "a;b", "a;b"),
    (r"SINGLE='a\nb'", r"a\nb", "a\nb", r"a\nb"),
    (r"BACKSLASH=a\nb", r"a\nb", "anb", r"a\nb"),
    (r'OTHER="a\d"', "ad", r"a\d", r"a\d"),
    (r'TAB="a\tb"', "atb", "a\tb", "a\tb"),
    ("REFERS=${PLAIN}/x", "${PLAIN}/x", "${PLAIN}/x", "1/x"),
    ("9LIVES=cat", "cat", None, None),
    ("with-hyphen=x", None, None, None),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_env_files(tmp_path: Path, end: str) -> None:
    env = end.join(line for line, *_ in ENV_LINES)
    told = under_each(tmp_path, {"Procfile": "web: serve\n", ".env": env})
    for number, runner in enumerate(RUNNERS, 1):
        seen = told[runner].seen["web"][0].env
        names = [line[0].partition("=")[0].removeprefix("export").strip() for line in ENV_LINES]
        expected = {name: line[number] for name, line in zip(names, ENV_LINES, strict=True)}
        assert {name: seen.get(name) for name in names} == expected, runner


def test_values_of_several_lines_are_ours_alone(tmp_path: Path) -> None:
    files = {"Procfile": "web: serve\n", ".env": 'KEY="first\nsecond"\n'}
    told = under_each(tmp_path, files)
    assert told[FOREMAN].seen["web"][0].env["KEY"] == '"first'
    assert "No closing quotation" in told[HONCHO].output
    assert told[HOMEPORT].seen["web"][0].env["KEY"] == "first\nsecond"


def test_the_shell_alone_fills_in_variables_of_commands(tmp_path: Path) -> None:
    # foreman writes PORT and those of .env into the text, also within quotes and longer names.
    files = {"Procfile": "web: serve '$A' $AB \\$A\n", ".env": "A=1\n"}
    told = under_each(tmp_path, files)
    assert argv(told[FOREMAN], "web") == ["serve 1 1B 1"]
    assert argv(told[HONCHO], "web") == ["serve $A $A"]
    assert argv(told[HOMEPORT], "web") == ["serve $A $A"]


def test_two_processes_of_one_name(tmp_path: Path) -> None:
    told = under_each(tmp_path, {"Procfile": "web: serve a\nweb: serve b\n"})
    assert argv(told[FOREMAN], "web") == ["serve a", "serve b"]
    assert "must be unique" in told[HONCHO].output
    assert "web has the same host name as line 1" in told[HOMEPORT].output
    assert not told[HOMEPORT].seen


def test_the_options_of_dot_foreman_say_what_runs(tmp_path: Path) -> None:
    files = {
        ".foreman": 'procfile: run/Procfile.here\nenv: a.env,b.env\nformation: "all=1, reset=0"\n',
        "Procfile": "web: other\n",
        "Procfile.dev": "web: another\n",
        "run/Procfile.here": "web: serve $A $B\njobs: work\nreset: drop everything\n",
        ".env": "A=not\n",
        "a.env": "A=1\nB=1\n",
        "b.env": "B=2\n",
    }
    told = under_each(tmp_path, files)
    assert told[HOMEPORT].seen.keys() == told[FOREMAN].seen.keys() == {"web", "jobs"}
    assert argv(told[HOMEPORT], "web") == ["serve 1 2"]
    for name, ours in told[HOMEPORT].seen.items():
        assert differences(told[FOREMAN].seen[name], ours) == [], name


def test_what_a_formation_does_not_name_does_not_run(tmp_path: Path) -> None:
    files = {
        "Procfile": "web: serve\nreset-db: drop everything\n",
        ".foreman": "port: 3000\nformation: web=2\n",
    }
    told = under_each(tmp_path, files)
    assert told[HOMEPORT].seen.keys() == told[FOREMAN].seen.keys() == {"web"}


def test_a_port_that_several_lines_name(tmp_path: Path) -> None:
    procfile = "jobs: PORT=3999 work\nweb: PORT=3999 serve\n"
    told = under_each(tmp_path, {"Procfile": procfile})
    for name, ours in told[HOMEPORT].seen.items():
        assert differences(told[FOREMAN].seen[name], ours) == []
        assert ours[0].env["PORT"] == "3999"
    assert len(told[HOMEPORT].seen) == 2


def test_servers_are_told_to_listen_on_our_port_of_loopback(tmp_path: Path) -> None:
    told = under_each(tmp_path, {"Procfile": "web: gunicorn app:app -b 0.0.0.0:$PORT -w 2\n"})
    ours = told[HOMEPORT].seen["web"]
    assert differences(told[FOREMAN].seen["web"], ours) == [TOLD]
    assert ours[0].argv[1:] == ("app:app", "--bind", f"127.0.0.1:{ours[0].env['PORT']}", "-w", "2")
