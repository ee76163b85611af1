"""The measurements behind ARCHITECTURE.md's decisions: kinds of facts, and what imports cost.

`python -m benchmarks.decisions [PYTHON]`. PYTHON is the interpreter that imports (this one); what
it has not installed is left out: `pip install click rich` into it to see those, too.
"""

import dataclasses
import statistics
import subprocess
import sys
import time
import typing

from homeport.model.record import NamedTuple

FIELDS = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
BODY = "\n".join(f"    {field}: int" for field in FIELDS)
CLASSES = {
    "frozen dataclass with slots": (
        f"@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)\nclass Fact:\n{BODY}"
    ),
    "typing.NamedTuple": f"class Fact(typing.NamedTuple):\n{BODY}",
    "homeport.model.record": f"class Fact(NamedTuple):\n{BODY}",
}
MODULES = ("argparse", "typing", "dataclasses", "socket", "json", "ctypes", "click", "rich.table")
ROUNDS = 15
MADE = 20_000


def facts() -> None:
    """What it costs to define a class of ten fields, and to make one of it."""
    print("| facts of ten fields | ms a class | us an instance |\n| :-- | --: | --: |")
    for name, source in CLASSES.items():
        code = compile(f"from __future__ import annotations\n{source}", name, "exec")
        names = {"dataclasses": dataclasses, "typing": typing, "NamedTuple": NamedTuple}
        defining = [timed(lambda: exec(code, names)) for _ in range(ROUNDS)]  # noqa: B023
        made = typing.cast("typing.Callable[..., object]", names["Fact"])
        values = dict.fromkeys(FIELDS, 1)
        making = timed(lambda: [made(**values) for _ in range(MADE)])  # noqa: B023
        defined_ms = statistics.median(defining) * 1e3
        print(f"| {name} | {defined_ms:.2f} | {making / MADE * 1e6:.2f} |")


def imports(python: str) -> None:
    """What each module adds to the start of an interpreter that has argparse already."""
    print("\n| import, in turn | ms more than without |\n| :-- | --: |")
    bare = started(python, "pass")
    with_argparse = started(python, "import argparse")
    print(f"| argparse | {with_argparse - bare:.1f} |")
    for module in MODULES[1:]:
        code = f"import argparse, {module}"
        if subprocess.run([python, "-I", "-c", code], capture_output=True, check=False).returncode:
            continue
        print(f"| {module}, with argparse there | {started(python, code) - with_argparse:.1f} |")


def started(python: str, code: str) -> float:
    """Median milliseconds from start to finish."""
    run = [python, "-I", "-c", code]
    return (
        statistics.median(timed(lambda: subprocess.run(run, check=True)) for _ in range(31)) * 1e3
    )


def timed(call: typing.Callable[[], object]) -> float:
    """Seconds on the wall."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    facts()
    imports(sys.argv[1] if len(sys.argv) > 1 else sys.executable)
