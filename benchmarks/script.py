"""How one benchmark runs from the command line: install, measure, print, write JSON if asked."""

import sys
from collections.abc import Callable

from benchmarks import measure
from benchmarks.install import Installed, installed

Benchmark = Callable[[Installed, measure.Options], measure.Result]


def main(description: str | None, benchmark: Benchmark) -> None:
    """Run one benchmark. A claim that does not hold is shown, and is no failure of the script."""
    parsed = measure.parser(description).parse_args()
    with installed() as homeport:
        facts = measure.machine(homeport.python)
        result = benchmark(homeport, measure.options(parsed))
    print("\n".join(f"{name}: {fact}" for name, fact in facts.items()), end="\n\n")
    print(measure.markdown(result))
    if parsed.json:
        parsed.json.write_text(measure.as_json([result], facts))
    sys.stdout.flush()
