"""Runs every benchmark and writes the tables into docs/reference/performance.md.

`python -m benchmarks.run_all`, best as root, on a machine that does nothing else. What stands in
the page outside the two markers is kept; the same figures go into benchmarks/results.json.
"""

import sys
from collections.abc import Collection
from pathlib import Path

from benchmarks import (
    command,
    diagnosis,
    ending,
    gateway,
    http2,
    identify,
    leases,
    measure,
    memory,
    owners_library,
    parity,
    up,
    watch_cpu,
)
from benchmarks.install import installed
from benchmarks.measure import ROOT, Options, Result

PAGE = ROOT / "docs" / "reference" / "performance.md"
JSON = ROOT / "benchmarks" / "results.json"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
NEW_PAGE = f"""# Performance

What Homeport costs beside the tools it is held against, and whether its answers are theirs.

{BEGIN}
{END}
"""
BENCHMARKS = (
    parity,
    owners_library,
    command,
    memory,
    watch_cpu,
    identify,
    diagnosis,
    leases,
    gateway,
    http2,
    ending,
    up,
)


def run(options: Options, only: Collection[str]) -> tuple[list[Result], dict[str, str]]:
    """The benchmarks of these names in turn, each printed as it is done; all where none is named.

    The results of the others are those that were written the last time, on the same machine.
    """
    known = {}
    if only:
        known = {each.name: each for each in measure.from_json(JSON.read_text())}
    results = []
    with installed() as homeport:
        facts = measure.machine(homeport.python)
        for benchmark in BENCHMARKS:
            name = benchmark.__name__.rpartition(".")[2]
            if only and name not in only:
                results += [known[name]] if name in known else []
                continue
            results.append(benchmark.measure(homeport, options))
            print(measure.markdown(results[-1]), end="\n\n", flush=True)
    return results, facts


def page(results: list[Result], facts: dict[str, str], options: Options) -> str:
    """What stands between the markers."""
    table = measure.Table("", ("machine", ""), list(facts.items()))
    command = " ".join(("python -m benchmarks.run_all", *sys.argv[1:]))
    how = (
        f"Made last by `{command}`: every peer ran {options.rounds} times, in turn with the others;"
        " the figures are medians. What `--only` leaves out stands as an earlier run measured it, "
        "perhaps on another machine and with other rounds: the history of this page tells. L1 is "
        "60 processes, 300 listeners and 20,000 established sockets; L2 500 processes, 2,000 "
        "listeners and 48,000; L3 330 processes of 64 other descriptors each, 40 listeners and 400."
    )
    return "\n\n".join(
        [BEGIN, how, measure.markdown_table(table), *map(measure.markdown, results), END]
    )


def write(target: Path, text: str) -> None:
    """Replace what stands between the markers; the page is made where it is missing."""
    old = target.read_text() if target.exists() else NEW_PAGE
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(before + text + after)


def main() -> None:
    """Run everything, then write page and JSON."""
    parser = measure.parser(__doc__)
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="only these")
    parsed = parser.parse_args()
    options = measure.options(parsed)
    results, facts = run(options, parsed.only)
    write(PAGE, page(results, facts, options))
    JSON.write_text(measure.as_json(results, facts) + "\n")


if __name__ == "__main__":
    main()
