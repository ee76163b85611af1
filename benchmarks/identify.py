"""What `homeport ls --identify` makes of real servers, and how fast, against `nmap -sV`.

`python -m benchmarks.identify`, best as root: some servers want to be started by root. What is
right stands in benchmarks/server_kinds.py: what a program is, not what either says of it. nmap is
run as it comes (`-sV`, its default intensity), and nothing of it but its own report is read. It is
installed by hand for this (`apt-get install nmap`); neither tests nor Homeport use it. Where it is
missing, Homeport is measured alone.
"""

import json
import os
import shutil
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from xml.etree import ElementTree as ET

from benchmarks import script
from benchmarks.install import Installed
from benchmarks.loads import as_user
from benchmarks.measure import (
    Claim,
    Failed,
    Options,
    Result,
    Table,
    User,
    first_line,
    user,
)
from benchmarks.server_kinds import all_servers
from benchmarks.servers import Started, Truth, load

HOMEPORT, NMAP = "homeport ls --identify", "nmap -sV"
STRANGER = f"{HOMEPORT}, holders hidden"
NOBODY_ELSE = 65_533
"""A user who runs none of the servers, and so is told by the kernel of no holder."""
LISTENERS = 100
MOST_ROUNDS = 3
"""Of nmap, which takes minutes: medians of more would not be worth the hour."""

NAMES = {
    "domain": "dns",
    "http-alt": "http",
    "http-proxy": "http",
    "mongod": "mongodb",
    "mosquitto": "mqtt",
    "socks": "socks5",
}
"""nmap's name of a service, its first word in lower case, where ours is another."""


class Said(NamedTuple):
    """What one of the two says of a port; `more` is whatever else it says of the product."""

    protocol: str | None = None
    product: str = ""
    tls: bool = False
    more: str = ""

    @property
    def words(self) -> str:
        """All that is said of the product."""
        return f"{self.product} {self.more}".strip()


Answers = Mapping[int, Said]


class Asked(NamedTuple):
    """The answers of one run, and how long the whole process took."""

    answers: Answers
    wall_s: float


def run(argv: Sequence[str], who: User) -> tuple[str, float]:
    """What a command prints, and how long it took."""
    began = time.perf_counter()
    done = subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        env=who.environment(),
        cwd="/",
        **as_user(who.uid),
    )
    took_s = time.perf_counter() - began
    if done.returncode:
        raise Failed(f"{argv[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout, took_s


def homeport_says(program: str, who: User, ports: Sequence[int]) -> Asked:
    """Homeport's own report; what it holds for likely counts as said."""
    chosen = ",".join(map(str, ports))
    text, wall_s = run([program, "ls", "--identify", "--json", "--port", chosen], who)
    listeners = [each for each in json.loads(text)["listeners"] if each["transport"] == "tcp"]
    return Asked({each["port"]: _of_homeport(each["identity"] or {}) for each in listeners}, wall_s)


def _of_homeport(identity: Mapping[str, object]) -> Said:
    protocol = identity.get("protocol")
    product = f"{identity.get('product') or ''}"
    return Said(str(protocol) if protocol else None, product, identity.get("tls") is not None)


def nmap_says(program: str, who: User, ports: Sequence[int]) -> Asked:
    """The report of nmap; what it only looks up by the number of the port is nothing said."""
    options = ["-sV", "-Pn", "-n", "-oX", "-", "-p", ",".join(map(str, ports)), "127.0.0.1"]
    text, wall_s = run([program, *options], who)
    found = {
        int(port.get("portid", "")): _of_nmap(port.find("service"))
        for port in ET.fromstring(text).iter("port")
    }
    return Asked(found, wall_s)


def _of_nmap(service: ET.Element | None) -> Said:
    if service is None or service.get("method") != "probed":
        return Said()
    name = service.get("name", "").lower()
    first, _, rest = name.partition(" ")
    more = [service.get("version"), service.get("extrainfo"), name if rest else None]
    return Said(
        NAMES.get(first, first),
        service.get("product", ""),
        service.get("tunnel") == "ssl",
        " ".join(filter(None, more)),
    )


def protocol_verdict(said: Said, truth: Truth) -> str:
    """Whether the protocol is right, wrong or unknown. TLS without what is in it is not enough."""
    if said.protocol in (None, "tls", "ssl", "tcpwrapped"):
        return "unknown"
    right = said.protocol in truth.protocols and said.tls == truth.tls
    return "right" if right else "wrong"


def product_verdict(said: Said, truth: Truth) -> str:
    """The same of the product; whatever is said beside it may be right, too, but never wrong."""
    if any(each in said.words.lower() for each in truth.products):
        return "right"
    return "wrong" if said.product else "unknown"


def verdicts(
    started: Sequence[Started], answers: Answers, judge: Callable[[Said, Truth], str]
) -> Counter[str]:
    """How many listeners are right, wrong and unknown."""
    return Counter(judge(answers.get(each.port, Said()), each.server.truth) for each in started)


def score_table(title: str, started: Sequence[Started], asked: Mapping[str, Asked]) -> Table:
    """Who got how many right, and how long it took."""
    rows = []
    for name, (answers, wall_s) in asked.items():
        protocol = verdicts(started, answers, protocol_verdict)
        product = verdicts(started, answers, product_verdict)
        figures = [protocol[each] for each in ("right", "unknown", "wrong")]
        figures += [product[each] for each in ("right", "unknown", "wrong")]
        rows.append((name, *map(str, figures), f"{wall_s:.2f}"))
    columns = ("", "protocol right", "unknown", "wrong", "product right", "unknown", "wrong", "s")
    return Table(title, columns, rows)


def server_table(title: str, started: Sequence[Started], asked: Mapping[str, Asked]) -> Table:
    """What was said of the first of each kind."""
    rows = []
    for name, group in _by_kind(started).items():
        cells = [
            _cell(each.answers.get(group[0].port, Said()), group[0]) for each in asked.values()
        ]
        rows.append((name, str(len(group)), *cells))
    return Table(title, ("server", "listeners", *asked), rows)


def _by_kind(started: Sequence[Started]) -> dict[str, list[Started]]:
    kinds: dict[str, list[Started]] = {}
    for each in started:
        kinds.setdefault(each.server.name, []).append(each)
    return kinds


def _cell(said: Said, of: Started) -> str:
    truth = of.server.truth
    if said.protocol is None:
        return "—"
    spoken = f"{said.protocol}{' over TLS' if said.tls else ''}"
    words = [_marked(spoken, protocol_verdict(said, truth))]
    if said.words:
        words.append(_marked(said.words, product_verdict(said, truth)))
    return ", ".join(words)


def _marked(words: str, verdict: str) -> str:
    return f"**{words}**" if verdict == "wrong" else words


def ask(homeport: str, nmap: str | None, ports: Sequence[int], rounds: int) -> dict[str, Asked]:
    """All in turn; the answers of the last round, and medians of the times."""
    runs: dict[str, list[Asked]] = {}
    with user() as who, user(NOBODY_ELSE if os.geteuid() == 0 else None) as stranger:
        peers = {HOMEPORT: partial(homeport_says, homeport, who, ports)}
        if os.geteuid() == 0:
            peers[STRANGER] = partial(homeport_says, homeport, stranger, ports)
        for each in peers.values():
            each()  # It remembers what it remembers between runs.
        if nmap is not None:
            peers[NMAP] = partial(nmap_says, nmap, who, ports)
        for _ in range(rounds):
            for name, peer in peers.items():
                runs.setdefault(name, []).append(peer())
    return {
        name: Asked(each[-1].answers, statistics.median(run.wall_s for run in each))
        for name, each in runs.items()
    }


def claims(started: Sequence[Started], asked: Mapping[str, Asked]) -> list[Claim]:
    """In time, and beside nmap at least as right and ten times as fast."""
    ours, theirs = asked[HOMEPORT], asked.get(NMAP)
    made = [Claim(f"{len(started)} listeners, `{HOMEPORT}`, wall", ours.wall_s, 1.5, "s")]
    if theirs is None:
        return made
    for what, judge in (("protocols", protocol_verdict), ("products", product_verdict)):
        right = [verdicts(started, each.answers, judge)["right"] for each in (ours, theirs)]
        made.append(
            Claim(f"{what} that `{NMAP}` has right beyond ours", right[1] - right[0], 0, "")
        )
    made.append(Claim(f"wall time of `{HOMEPORT}` ÷ `{NMAP}`", ours.wall_s / theirs.wall_s, 0.1))
    return made


def measure(homeport: Installed, options: Options) -> Result:
    """A hundred listeners of real servers on ports that tell nothing."""
    from benchmarks import usual_ports  # It imports this module.

    nmap = shutil.which("nmap")
    rounds = min(options.rounds, MOST_ROUNDS)
    with load(all_servers(), LISTENERS) as (started, missing):
        asked = ask(homeport.homeport, nmap, [each.port for each in started], rounds)
    kinds = len(_by_kind(started))
    title = f"{len(started)} listeners, {kinds} different servers"
    tables = [
        score_table(title, started, asked),
        server_table("What each said", started, asked),
    ]
    if nmap is not None and os.geteuid() == 0:
        tables += usual_ports.tables(homeport.homeport, nmap)
    return Result(
        "identify",
        "What speaks on a port",
        tables,
        claims(started, asked),
        notes(nmap, missing, rounds),
    )


def notes(nmap: str | None, missing: Sequence[str], rounds: int) -> list[str]:
    """What was compared with what, and what was left out."""
    peer = "nmap is not installed: Homeport was measured alone."
    if nmap is not None:
        peer = f"Peer: {first_line([nmap, '--version'])}, `-sV -Pn -n`, default intensity."
    how = (
        f"{peer} All ran {rounds} times in turn; the times are medians of whole processes. In the "
        "first load no server listens on a port that is usual for it. `holders hidden` is Homeport "
        "as a user who is told of no process: it knows no more than comes over the wire, as nmap. "
        "A protocol is right within TLS only if that is told, too; HTTP and HTTP/2 count as one, "
        "and where a framework runs in a server of another name, both names are right. What is "
        "wrong is bold. Servers that a connection harms are no part of the load."
    )
    left = [f"Not installed, and left out: {', '.join(dict.fromkeys(missing))}."] if missing else []
    return [how, *left]


if __name__ == "__main__":
    script.main(__doc__, measure)
