"""Whether Homeport's answer is that of ss, row by row, on every load and in a churn of sockets.

`python -m benchmarks.parity`. The other benchmarks check the same before they time anything.
"""

import contextlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator

from benchmarks import loads, script
from benchmarks.install import Installed
from benchmarks.measure import ROOT, Claim, Failed, Options, Result, Table, User, run_python, user
from tests.parity import ss
from tests.parity.rows import PEERS, Row, changes, differences, loaded
from tests.parity.stage import playing

# Passed as text, for an ordinary user may not be able to read this checkout.
ROWS = (
    (ROOT / "tests" / "parity" / "rows.py").read_text()
    + """
import homeport, sys
print(dumped(homeport_rows(homeport.snapshot(**json.loads(sys.argv[1])))))
"""
)
FLAGS = ("-tlnp", "-tanp", "-tuanp", "-xlp")
LOOKS = 5
Comparison = Callable[[str, str, User], tuple[int, list[str]]]
CHURNED = ("receive_queue", "send_queue")


def homeport_rows(python: str, flags: str, user: User) -> list[Row]:
    """Homeport's rows for what ss is asked by these flags."""
    query = json.dumps(PEERS[flags].query())
    return PEERS[flags].of(loaded(run_python(python, ROWS, user, query)))


def ss_rows(flags: str, user: User) -> list[Row]:
    """What ss says, as that user."""
    ids = (f"--reuid={user.uid}", f"--regid={user.uid}", "--clear-groups", "--")
    return ss.ss(flags, prefix=() if user.uid is None else ("setpriv", *ids))


def compare(python: str, flags: str, user: User) -> tuple[int, list[str]]:
    """How many rows stood still between two looks of ss, and what Homeport says otherwise.

    Somebody else's socket that lived only while Homeport looked is no error of Homeport's: what
    counts are differences that do not go away when all look again.
    """
    for _ in range(LOOKS - 1):
        found = compare_once(python, flags, user)
        if not found[1]:
            return found
    return compare_once(python, flags, user)


def compare_once(python: str, flags: str, user: User) -> tuple[int, list[str]]:
    """The same, from one look of Homeport between two of ss."""
    before = ss_rows(flags, user)
    ours = homeport_rows(python, flags, user)
    after = ss_rows(flags, user)
    settled = Counter(before) & Counter(after)
    unsettled = {row.identity for row in set(before) ^ set(after)}
    rows = [row for row in ours if row.identity not in unsettled]
    return settled.total(), differences(settled.elements(), rows)


def compare_in_churn(python: str, flags: str, user: User) -> tuple[int, list[str]]:
    """How many sockets lived through two looks of ss, and what Homeport says otherwise of them."""
    before = ss_rows(flags, user)
    ours = homeport_rows(python, flags, user)
    after = ss_rows(flags, user)
    lived = {row.identity for row in before} & {row.identity for row in after}
    return len(lived), changes(before, ours, after, but=CHURNED)


def require(python: str, flags: str, user: User) -> None:
    """Raise `Failed` unless both say the same: unequal answers are not worth timing."""
    _, wrong = compare(python, flags, user)
    if wrong:
        raise Failed(f"ss {flags}: {len(wrong)} differences, the first: {wrong[:3]}")


@contextlib.contextmanager
def scene(name: str, uid: int | None = None) -> Iterator[None]:
    """A load, and beside it one socket of every kind and state."""
    with (
        loads.running(loads.LOADS[name], uid=uid),
        tempfile.TemporaryDirectory(prefix="homeport-scene-") as directory,
        playing("scene.py", directory, prefix=()),
    ):
        yield


@contextlib.contextmanager
def churn(name: str) -> Iterator[None]:
    """A load, and beside it a process that opens and closes sockets without rest.

    Some of them live long enough to be seen by both runs of ss, which takes two seconds on L2.
    """
    with loads.running(loads.LOADS[name]), playing("churn.py", "12", prefix=()):
        yield


def measure(homeport: Installed, options: Options) -> Result:
    """Compare every table of ss on every load, at rest, as another user, and in a churn."""
    rows: list[tuple[str, ...]] = []
    wrong: list[str] = []

    def compare_all(where: str, looks: Comparison, who: User) -> None:
        for flags in FLAGS:
            count, different = looks(homeport.python, flags, who)
            rows.append((where, f"`ss {flags}`", str(count), str(len(different))))
            wrong.extend(different)

    users = (None, options.uid) if os.geteuid() == 0 else (None,)
    for name in ("idle", *options.loads):
        for uid in users:
            with scene(name, uid), user(uid) as who:
                compare_all(f"{name}, as {who.name}", compare, who)
        with churn(name), user() as who:
            compare_all(f"{name}, in a churn", compare_in_churn, who)
    return Result(
        "parity",
        "The same answer as ss",
        [Table("Rows compared", ("load", "peer", "rows", "differences"), rows)],
        [Claim("rows that differ from those of ss", len(wrong), 0, "rows")],
        [f"- {difference}" for difference in wrong[:20]],
    )


if __name__ == "__main__":
    script.main(__doc__, measure)
