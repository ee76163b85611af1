"""What a process runs, in the words of the person who started it: `vite`, not `node`."""

from __future__ import annotations

from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.process import Process


THREAD_NAMES = ("MainThread", "node-MainThread")
"""What runtimes call their first thread: node since version 23."""


def own_name(name: str, argv: tuple[str, ...] | None, exe: str | None = None) -> str:
    """A process's name: what the kernel says, unless that is a runtime's word for a thread."""
    if name not in THREAD_NAMES:
        return name
    return _base((exe or "").removesuffix(" (deleted)")) or _base(argv[0] if argv else "") or name


def short_program(process: Process) -> str:
    """What a process runs, as its developer would call it: `vite`, `flask run`, `postgres`."""
    words = process.argv
    if not words or not words[0].strip():
        return process.name or ""
    if words[0] != process.exe and (" " in words[0] or words[0].endswith(":")):
        return _title(words[0])
    return _command(words) or process.name or ""


def _title(text: str) -> str:
    """The name in a process title that the program has rewritten: `nginx: master process`."""
    return _base(text.split(maxsplit=1)[0].rstrip(":"))


_INTERPRETERS = ("python", "node", "ruby", "perl", "php", "bun", "deno", "sh", "bash", "dash")
_ENDINGS = (".js", ".mjs", ".cjs", ".py", ".rb", ".pl", ".php", ".ts", ".sh")
_PROGRAM_PLACES = {"", "bin", "sbin", "games"}
_JAVA_VALUES = {"-cp", "-classpath", "--class-path", "-p", "--module-path"}


def _command(words: tuple[str, ...]) -> str:
    program = _base(words[0])
    bare = program.rstrip("0123456789.")
    if bare == "java":
        return _java(words)
    if bare not in _INTERPRETERS:
        return _with_subcommand(program, words[1:])
    return _script(bare, words[1:])


def _script(interpreter: str, rest: tuple[str, ...]) -> str:
    """What an interpreter runs: a module (`-m`), a program of a package, or a file."""
    for place, word in enumerate(rest):
        if word == "-m" and place + 1 < len(rest):
            return f"{interpreter} -m {rest[place + 1]}"
        if word in {"-c", "-e", "--eval", "-"}:
            return f"{interpreter} {word}"
        if not word.startswith("-"):
            return _file(interpreter, word, rest[place + 1 :])
    return interpreter


def _file(interpreter: str, path: str, rest: tuple[str, ...]) -> str:
    parts = path.split("/")
    if "node_modules" in parts:
        return _node_package(parts)
    base = parts[-1]
    if base.endswith(_ENDINGS):
        return f"{interpreter} {base}" + _subcommand(rest if base == "manage.py" else ())
    if interpreter == "python" and len(parts) > 1 and parts[-2].strip(".") not in _PROGRAM_PLACES:
        return f"{parts[-2]}/{base}"  # a directory with a __main__.py: `debugpy/adapter`
    return _with_subcommand(base, rest)


def _node_package(parts: list[str]) -> str:
    """The package of a program below node_modules: `vite`, also from .bin/vite or vite/bin/x.js."""
    after = parts[len(parts) - parts[::-1].index("node_modules") :]
    if after[0] == ".bin":
        return after[-1]
    return "/".join(after[:2]) if after[0].startswith("@") else after[0]


def _java(words: tuple[str, ...]) -> str:
    """The jar or the main class: the first word that is no option and no option's value."""
    for before, word in pairwise(words):
        if before == "-jar":
            return f"java {_base(word)}"
        if not word.startswith("-") and before not in _JAVA_VALUES:
            return f"java {word.rpartition('.')[2]}"
    return "java"


def _with_subcommand(program: str, rest: tuple[str, ...]) -> str:
    return program + _subcommand(rest)


def _subcommand(rest: tuple[str, ...]) -> str:
    """The word after a program, where it tells what the program does: ` run` of `flask run`."""
    if not rest or rest[0].startswith(("-", "/", ".")) or "=" in rest[0] or len(rest[0]) > 20:
        return ""
    return f" {rest[0]}"


def _base(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
