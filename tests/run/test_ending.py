from __future__ import annotations

import os
import sys

import pytest

from homeport.host.processes import ProcessReader
from homeport.model.ending import Plan, Stage
from homeport.model.errors import HomeportError, NotFound, NotPermitted, NotSupported
from homeport.model.process import Ancestor, Certainty, Container, Process
from homeport.model.sockets import Behind, BehindKind, Listener
from homeport.run.ending import TABLE, Action, Happening, carry_out, plan
from tests.report.samples import POSTGRES, PROXIED, PROXY, VITE, listener
from tests.support import NOBODY, has_ended, spawn, wait_until

NOBODY_OF_MINE = frozenset({999_999})
WORKER = VITE._replace(
    pid=900, start_ticks=6000, ancestry=(Ancestor(812, "node", ("node",)), *(VITE.ancestry or ()))
)


def planned(*listeners: Listener, only: int | None = None) -> Plan:
    return plan("8000", listeners, own_line=NOBODY_OF_MINE, only=only)


def test_the_master_goes_first_and_its_workers_after() -> None:
    found = planned(listener("127.0.0.1", 8000, WORKER, VITE))
    assert (found.first, found.then, found.staying) == ((VITE,), (WORKER,), ())


def test_processes_that_share_a_port_side_by_side_go_together() -> None:
    sibling = VITE._replace(pid=813)
    found = planned(listener("127.0.0.1", 8000, VITE), listener("127.0.0.1", 8000, sibling))
    assert [each.pid for each in found.first] == [812, 813]


def test_a_pid_means_that_process_and_what_descends_from_it() -> None:
    shared = listener("127.0.0.1", 8000, VITE, WORKER)
    assert planned(shared, only=812).then == (WORKER,)
    only_worker = planned(shared, only=900)
    assert (only_worker.first, only_worker.staying) == ((WORKER,), (VITE,))


def test_different_programs_on_different_addresses_have_to_be_told_apart() -> None:
    with pytest.raises(NotSupported, match="several programs") as raised:
        planned(listener("127.0.0.1", 8000, VITE), listener("10.0.0.1", 8000, POSTGRES))
    assert "postgres 300" in raised.value.what


@pytest.mark.parametrize(
    ("each", "error", "text"),
    [
        (listener(certainty=Certainty.HIDDEN), NotPermitted, "root"),
        (listener("::1", 1, VITE, certainty=Certainty.INFERRED), NotPermitted, "belongs to me"),
        (listener(certainty=Certainty.UNOWNED), NotFound, "no process"),
        (listener("::1", 1, VITE._replace(pid=1)), NotPermitted, "process 1 is never"),
        (listener("::1", 1, VITE._replace(pid=999_999)), NotPermitted, "runs within it"),
        (listener("::1", 1, PROXY, behind=PROXIED), NotSupported, "docker stop 0123456789ab"),
        (
            listener(
                "::1", 1, VITE, behind=Behind(BehindKind.SOCKET_ACTIVATION, "", unit="cups.service")
            ),
            NotSupported,
            "systemctl stop cups.socket cups.service",
        ),
    ],
)
def test_what_must_not_be_ended_is_refused_with_a_reason(
    each: Listener, error: type[HomeportError], text: str
) -> None:
    with pytest.raises(error) as raised:
        planned(each)
    assert text in str(raised.value)
    assert (os.geteuid() == 0) <= ("sudo" not in str(raised.value))


@pytest.mark.parametrize(
    ("owner", "note"),
    [
        (VITE._replace(unit="shop.service", uid=0), "shop.service may start it again"),
        (VITE._replace(container=Container("podman", "abc" * 10)), "podman stop abcabcabcabc"),
        (
            VITE._replace(ancestry=(Ancestor(5, "node", ("node", "/usr/bin/nodemon", "x.js")),)),
            "node 5 may start it again",
        ),
        (VITE._replace(ancestry=(Ancestor(5, "supervisord", ()),)), "supervisord 5 may start"),
    ],
)
def test_who_may_start_it_again_is_said(owner: Process, note: str) -> None:
    assert any(note in each for each in planned(listener("::1", 1, owner)).notes)


def test_nothing_is_said_of_a_shell_or_of_the_users_own_manager() -> None:
    owner = VITE._replace(unit="user@1000.service")
    assert planned(listener("::1", 1, owner)).notes == ()


def test_what_closes_along_with_it_is_said() -> None:
    meant, other = listener("127.0.0.1", 8000, VITE, WORKER), listener("0.0.0.0", 80, VITE)
    shared, foreign = listener("::1", 81, VITE, POSTGRES), listener("::1", 82, POSTGRES)
    everything = (meant, other, shared, foreign)
    found = plan("8000", [meant], own_line=NOBODY_OF_MINE, everything=everything)
    assert found.notes == ("this closes, too: tcp 0.0.0.0:80",)
    many = [meant, *(listener("::1", port, VITE) for port in range(81, 87))]
    (note,) = plan("8000", [meant], own_line=NOBODY_OF_MINE, everything=many).notes
    assert note.endswith("tcp [::1]:84 and 2 more")


def test_every_state_that_is_not_final_has_a_way_out() -> None:
    final = {Stage.ENDED, Stage.KILLED, Stage.REFUSED, Stage.SURVIVED}
    assert {stage for stage, _ in TABLE} == set(Stage) - final
    assert {stage for stage, _ in TABLE.values()} == set(Stage) - {Stage.WAITING}
    for stage in set(Stage) - final:
        assert (stage, Happening.EXITED) in TABLE
        assert (stage, Happening.TIME_UP) in TABLE or stage is Stage.WAITING


def test_kill_comes_only_after_term() -> None:
    kills = [stage for (stage, _), (_, action) in TABLE.items() if action is Action.KILL]
    assert kills == [Stage.ASKED]


IDLE = "import signal, time\nprint('ready', flush=True)\ntime.sleep(600)\n"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + IDLE
FORKS = """
import os, signal, time
if os.fork():
    os.wait()
print('ready', flush=True)
time.sleep(600)
"""


def process(pid: int) -> Process:
    found = ProcessReader().process(pid)
    assert found is not None
    return found


def ending(*first: Process, then: tuple[Process, ...] = (), timeout_ms: int = 5000) -> list[Stage]:
    outcomes = carry_out(Plan("x", (), first, then), timeout_ms=timeout_ms)
    assert [each.process for each in outcomes] == [*first, *then]
    return [each.stage for each in outcomes]


def test_a_process_that_is_asked_ends() -> None:
    with spawn([sys.executable, "-c", IDLE], ready="ready") as child:
        assert ending(process(child.pid)) == [Stage.ENDED]
        assert has_ended(child.pid)


def test_one_that_ignores_that_is_killed() -> None:
    with spawn([sys.executable, "-c", STUBBORN], ready="ready") as child:
        assert ending(process(child.pid), timeout_ms=50) == [Stage.KILLED]
        assert has_ended(child.pid)


def test_a_later_process_with_the_same_pid_is_never_hit() -> None:
    with spawn([sys.executable, "-c", IDLE], ready="ready") as child:
        earlier = process(child.pid)._replace(start_ticks=1)
        assert ending(earlier) == [Stage.ENDED]
        assert not has_ended(child.pid)


def test_one_that_is_gone_already_is_no_trouble() -> None:
    with spawn([sys.executable, "-c", IDLE], ready="ready") as child:
        found = process(child.pid)
        child.process.kill()
        child.process.wait()
    assert ending(found) == [Stage.ENDED]


def test_workers_end_with_their_master_or_after_it() -> None:
    with spawn([sys.executable, "-c", FORKS], ready="ready") as master:
        (worker,) = children(master.pid)
        stages = ending(process(master.pid), then=(process(worker),))
        assert stages == [Stage.ENDED, Stage.ENDED]
        wait_until(lambda: has_ended(worker), what="the end of the worker")


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


@pytest.mark.root
def test_somebody_elses_process_is_left_in_peace_and_its_workers_too() -> None:
    with (
        spawn([sys.executable, "-c", IDLE], ready="ready") as master,
        spawn(["sleep", "600"], user=NOBODY) as worker,
    ):
        found = (process(master.pid), process(worker.pid))
        # As nobody in a child of its own: who has given root up does not get it back.
        child = os.fork()
        if child == 0:
            os.setuid(NOBODY.uid)
            stages = ending(found[0], then=(found[1],), timeout_ms=50)
            os._exit(0 if stages == [Stage.REFUSED, Stage.WAITING] else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert not has_ended(master.pid)
        assert not has_ended(worker.pid)
