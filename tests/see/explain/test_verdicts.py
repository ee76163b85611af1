"""The first sentence is what people read: each case of it, on a machine made by hand."""

from __future__ import annotations

import pytest

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import NotFound
from homeport.model.event import Tenancy
from homeport.model.explanation import BindVerdict, Relation, SubjectKind
from homeport.model.process import Certainty
from homeport.model.snapshot import Snapshot
from homeport.model.sockets import TcpState
from tests.report.samples import (
    EVERYTHING,
    NOW_NS,
    OTHER_NETNS,
    POSTGRES,
    SHOP,
    VITE,
    connection,
    listener,
)
from tests.see.explain.explaining import FACTS, told


def machine(*listeners: object, **more: object) -> Snapshot:
    return EVERYTHING._replace(listeners=listeners, connections=(), **more)  # type: ignore[arg-type]


def test_somebody_listens_there() -> None:
    answer = told("127.0.0.1:5432")
    assert answer.verdict == (
        "postgres (pid 300, postgresql@15-main.service) listens on 127.0.0.1:5432. "
        "Only this machine reaches it: programs of any user, web pages in a browser."
    )
    assert answer.listeners[0].relation is Relation.HERE
    assert [client.processes for client in answer.clients] == [(VITE,)]
    assert answer.outgoing == ()


def test_the_wildcard_answers_for_an_address() -> None:
    answer = told("127.0.0.1:8080")
    assert answer.listeners[0].relation is Relation.WILDCARD
    assert answer.verdict == (
        "docker-proxy (pid 400, postgresql@15-main.service) listens on 0.0.0.0:8080. That is only "
        "docker-proxy: the service behind it is container 0123456789ab (docker) at 172.17.0.2:80. "
        "Whoever reaches 192.168.1.20 (eth0) reaches it, unless a firewall stops them, which is "
        "not looked at here."
    )


def test_refused_because_the_server_is_on_the_other_family() -> None:
    answer = told("Error: connect ECONNREFUSED ::1:5432")
    assert answer.verdict == (
        "Nothing listens on [::1]:5432, but postgres (pid 300, postgresql@15-main.service) listens "
        "on 127.0.0.1:5432. The client went to IPv6: `localhost` stands for both ::1 and "
        "127.0.0.1, and the server is on the other one only."
    )
    assert answer.listeners[0].relation is Relation.OTHER_FAMILY
    assert answer.next_steps[0].command == "psql -h 127.0.0.1 -p 5432"
    (note,) = answer.notes
    assert note == (
        "Write 127.0.0.1:5432 in place of localhost:5432 in the client, or let the server listen "
        "on ::1, too."
    )


def test_refused_though_somebody_listens_now() -> None:
    answer = told("connect ECONNREFUSED 127.0.0.1:5173")
    assert answer.verdict.startswith(
        "node (pid 812, project shop) listens on 127.0.0.1:5173 now, so a new attempt from here "
        "gets through: it was not up yet, or the refused client runs in a container"
    )


def test_refused_because_nothing_listens() -> None:
    answer = told("connect ECONNREFUSED 127.0.0.1:6379")
    assert answer.verdict == (
        "Nothing listens on 127.0.0.1:6379. That is why the connection was refused."
    )
    assert [step.command for step in answer.next_steps] == [
        "homeport watch --port 6379",
        "homeport watch --record",
    ]


def test_refused_because_it_listens_in_another_namespace() -> None:
    answer = told("connect ECONNREFUSED 127.0.0.1:80")
    assert answer.verdict.startswith(
        "Nothing listens on 127.0.0.1:80 in this network namespace, but in another one node (pid "
        "812, project shop) listens on 127.0.0.1:80."
    )
    assert answer.listeners[0].relation is Relation.OTHER_NAMESPACE
    assert answer.listeners[0].namespace == "lab"


def test_in_use() -> None:
    answer = told("Error: listen EADDRINUSE: address already in use :::5173")
    assert answer.verdict == (
        "[::]:5173 is taken: node (pid 812, project shop) listens on 127.0.0.1:5173."
    )
    assert [step.command for step in answer.next_steps] == ["homeport kill 5173"]
    assert answer.notes == ("The next port on which nothing listens is 5174.",)


def test_in_use_by_a_connection_in_time_wait_only() -> None:
    waiting = connection(7000, 41000)._replace(
        inode=0, state=TcpState.TIME_WAIT, timer_ms=30_000, local_address="127.0.0.1"
    )
    answer = told(
        "bind 127.0.0.1:7000: address already in use", EVERYTHING._replace(connections=(waiting,))
    )
    assert answer.verdict == (
        "127.0.0.1:7000 is taken: a closed connection in TIME-WAIT still holds 127.0.0.1:7000. No "
        "program listens there: with SO_REUSEADDR the server can start at once if the socket that "
        "holds the port has set it, too, as those of most servers have."
    )
    assert answer.lingering[0].until_ns == NOW_NS + 30_000_000_000
    (asked,) = [each for each in answer.binding if each.address == "127.0.0.1"]
    assert asked.reuse_address is BindVerdict.DEPENDS


def test_in_use_a_moment_ago() -> None:
    past = Tenancy(
        Endpoint(Transport.TCP, "127.0.0.1", 7000), 1, 2, True, 99, "java", ("java",), "me", None,
        "shop", 1,
    )  # fmt: skip
    answer = told(
        "bind 127.0.0.1:7000: address already in use", facts=FACTS._replace(history=(past,))
    )
    assert answer.verdict == (
        "127.0.0.1:7000 is free now: whoever had it has gone. The last that had it was java (pid "
        "99) of project shop."
    )
    assert "homeport history 7000" in [step.command for step in answer.next_steps]


def test_in_use_without_a_port_names_your_own_listeners() -> None:
    answer = told("OSError: [Errno 98] Address already in use")
    assert answer.subject.kind is SubjectKind.SYMPTOM
    assert answer.verdict.startswith("The text names no port, so it cannot be said who has it.")
    assert {each.endpoint.port for each in answer.candidates} == {5173, 9000}


def test_the_debugger_has_gone() -> None:
    answer = told(
        "Disconnected from the target VM, address: '127.0.0.1:62893', transport: 'socket'"
    )
    assert answer.verdict.startswith(
        "Nothing listens on 127.0.0.1:62893 any more, and that is as it should be"
    )
    assert answer.port is not None
    assert answer.port.assigned is False


def test_reset_while_the_server_is_there() -> None:
    answer = told("read tcp 127.0.0.1:41000->127.0.0.1:5432: read: connection reset by peer")
    assert answer.verdict.startswith("postgres (pid 300, postgresql@15-main.service) still listens")
    (client,) = answer.others
    assert str(client.target) == "127.0.0.1:41000"
    assert client.verdict == (
        "node (pid 812, project shop) uses the port as its end of a connection to 127.0.0.1:5432, "
        "which is postgres (pid 300, postgresql@15-main.service)"
    )


def test_reset_and_nobody_is_there_any_more() -> None:
    answer = told("read 127.0.0.1:6379: connection reset by peer")
    assert answer.verdict.endswith("Whoever was at the other end has ended, perhaps in a crash.")


def test_timed_out_because_the_accept_queue_is_full() -> None:
    full = listener("127.0.0.1", 9000, VITE)._replace(queue=129, backlog=128)
    answer = told("connect ETIMEDOUT 127.0.0.1:9000", machine(full))
    assert answer.verdict == (
        "node (pid 812, project shop) listens on 127.0.0.1:9000 but does not take its connections: "
        "129 wait, and there is room for 129. It hangs or is overloaded."
    )
    assert len(answer.notes) == 1
    single = full._replace(queue=1, backlog=0)
    assert (
        "1 wait, and there is room for 1"
        in told("connect ETIMEDOUT 127.0.0.1:9000", machine(single)).verdict
    )


def test_timed_out_otherwise() -> None:
    assert "may be slow to answer" in told("connect ETIMEDOUT 127.0.0.1:5432").verdict
    assert "refused and not dropped" in told("connect ETIMEDOUT 127.0.0.1:6379").verdict


def test_a_privileged_port() -> None:
    answer = told("Error: listen EACCES: permission denied 0.0.0.0:80")
    assert answer.verdict == (
        "0.0.0.0:80 is not for this user: below 1024 binding takes CAP_NET_BIND_SERVICE, which "
        "this user has not."
    )
    allowed = told("listen EACCES: permission denied 0.0.0.0:8081")
    assert allowed.verdict.startswith("This user may bind 0.0.0.0:8081")


def test_an_address_that_is_not_here() -> None:
    answer = told("listen tcp 10.1.2.3:8080: bind: cannot assign requested address")
    assert answer.verdict == (
        "10.1.2.3 is not an address of this machine: no program here can bind it."
    )
    assert answer.binding[0].plain is BindVerdict.NOT_HERE
    there = told("listen tcp 127.0.0.1:8090: bind: cannot assign requested address")
    assert "used up the ports" in there.verdict


def test_another_machine() -> None:
    far = connection(41002, 443, VITE)._replace(remote_address="203.0.113.9")
    snapshot = EVERYTHING._replace(connections=(far,))
    assert told("203.0.113.9:443", snapshot).verdict == (
        "203.0.113.9 is not an address of this machine. Connected to 203.0.113.9:443 from here: "
        "node (pid 812, project shop)."
    )
    assert told("203.0.113.9:444", snapshot).verdict == (
        "203.0.113.9 is not an address of this machine: what listens there cannot be seen from "
        "here."
    )


def test_a_host_that_is_a_name() -> None:
    answer = told("redis://cache.example:6379")
    assert answer.verdict == (
        "cache.example is a name that is not looked up here: this is what is known of port 6379 on "
        "this machine. Nothing listens on port 6379."
    )


def test_the_end_of_a_connection() -> None:
    answer = told("127.0.0.1:41000", EVERYTHING._replace(connections=EVERYTHING.connections[:2]))
    assert answer.verdict == (
        "Nothing listens on 127.0.0.1:41000: node (pid 812, project shop) uses the port as its end "
        "of a connection to 127.0.0.1:5432, which is postgres (pid 300, "
        "postgresql@15-main.service)."
    )


def test_bound_and_idle() -> None:
    idle = connection(7000, 0, VITE)._replace(state=TcpState.BOUND_INACTIVE)
    answer = told("127.0.0.1:7000", machine(), FACTS._replace(bound=(idle,)))
    assert answer.verdict == (
        "Nothing listens on 127.0.0.1:7000, but node (pid 812, project shop) is bound to it and "
        "does nothing."
    )
    assert answer.binding[0].plain is BindVerdict.TAKEN


def test_udp_is_another_transport() -> None:
    answer = told("tcp 127.0.0.1:53")
    assert answer.verdict == (
        "Nothing listens on 127.0.0.1:53, but a process of root that is hidden from you listens "
        "on UDP 0.0.0.0:53."
    )
    assert told("udp/53").verdict.startswith("A process of root that is hidden from you listens")


def test_a_hidden_owner_is_shown_how_to_be_seen() -> None:
    assert told("udp/53").next_steps[0].command == "sudo homeport explain udp/53"
    as_root = told("udp/53", facts=FACTS._replace(uid=0)).next_steps
    assert not [step for step in as_root if "sudo" in step.command]


def test_a_socket_without_a_process() -> None:
    answer = told("2049")
    assert answer.verdict.startswith("A socket without a process listens on [::]:2049.")
    assert not [step for step in answer.next_steps if "kill" in step.command]
    assert answer.notes
    assert "Browsers refuse" in answer.notes[0]


def test_names() -> None:
    assert told("postgresql").subject.kind is SubjectKind.SERVICE
    assert told("postgres").port == told("5432").port
    assert told("shop").subject.kind is SubjectKind.PROJECT
    assert told("docker-proxy").subject.kind is SubjectKind.PROCESS_NAME
    assert told("postgresql@15-main.service").candidates
    with pytest.raises(NotFound):
        told("nobody-has-this-name")


def test_a_service_that_does_not_run_where_it_is_registered() -> None:
    elsewhere = machine(listener("127.0.0.1", 5433, POSTGRES))
    answer = told("postgres", elsewhere)
    assert answer.subject.kind is SubjectKind.PROCESS_NAME
    assert answer.port is not None
    assert answer.port.port == 5433
    assert told("postgres", machine()).port == told("5432").port


def test_a_name_with_several_ports() -> None:
    several = machine(listener("127.0.0.1", 5173, VITE), listener("127.0.0.1", 5174, VITE))
    answer = told("shop", several)
    assert answer.port is None
    assert len(answer.candidates) == 2
    assert answer.verdict == (
        "shop (project name) listens on 2 endpoints: node (pid 812, project shop)."
    )


def test_a_process() -> None:
    answer = told("pid:812")
    assert answer.process == VITE
    assert answer.verdict == (
        "node (pid 812, project shop) listens on 127.0.0.1:5173, [::1]:5173 and 127.0.0.1:80."
    )
    idle = POSTGRES._replace(pid=4242)
    assert "listens on nothing" in told("pid:4242", facts=FACTS._replace(process=idle)).verdict
    with pytest.raises(NotFound):
        told("pid:4243")


def test_a_bare_number_may_be_a_pid_too() -> None:
    same = VITE._replace(pid=5432)
    notes = told("5432", facts=FACTS._replace(process=same)).notes
    assert notes == ("There is also a process 5432, node: homeport explain pid:5432",)
    assert not told("127.0.0.1:5432", facts=FACTS._replace(process=same)).notes


def test_an_address_alone() -> None:
    answer = told("192.168.1.20")
    assert answer.verdict == (
        "3 listeners answer at 192.168.1.20, which is private. Machines of the same private "
        "network reach it, unless a firewall stops them, which is not looked at here."
    )
    assert answer.addresses[0].interface == "eth0"


def test_a_loopback_address_alone_does_not_hide_what_is_reached_from_elsewhere() -> None:
    lo, wide = listener("127.0.0.1", 7001, VITE), listener("0.0.0.0", 7002, VITE)
    on_lo = wide._replace(endpoint=wide.endpoint._replace(interface="lo"))
    only = "which is loopback. That address is reached from this machine only"
    one = told("127.0.0.1", machine(lo, wide, on_lo)).verdict
    assert one == (
        f"3 listeners answer at 127.0.0.1, {only}, but 1 of the listeners is bound to a wider one "
        "and reached from elsewhere, too."
    )
    assert told("localhost", machine(lo, on_lo)).verdict.endswith(f"{only}.")
    assert told("127.0.0.1", machine(wide)).verdict.endswith(
        "but the listener is bound to a wider one and reached from elsewhere, too."
    )
    alone = FACTS._replace(addresses=FACTS.addresses[:2])
    assert told("127.0.0.1", machine(wide), alone).verdict.endswith(f"{only}.")


@pytest.mark.parametrize("text", ["0", ":0", "127.0.0.1:0"])
def test_port_0_is_any_free_port(text: str) -> None:
    answer = told(text)
    assert "asks for any free port, and the kernel chooses one from 32768-60999" in answer.verdict
    assert answer.port is None
    assert [step.command for step in answer.next_steps] == ["homeport ls"]


@pytest.mark.parametrize(
    ("bound", "asked"),
    [("::ffff:127.0.0.1", "127.0.0.1:7001"), ("127.0.0.1", "[::ffff:127.0.0.1]:7001")],
)
def test_an_ipv4_mapped_address_is_the_ipv4_address(bound: str, asked: str) -> None:
    answer = told(asked, machine(listener(bound, 7001, VITE)))
    assert answer.listeners[0].relation is Relation.HERE
    (note,) = answer.notes
    assert note == (
        "::ffff:127.0.0.1 is 127.0.0.1 as IPv6 sockets write it (IPv4-mapped, RFC 4291, 2.5.5.2): "
        "to the kernel it is the same address."
    )


def test_inferred_owners_are_called_so() -> None:
    guessed = machine(listener("127.0.0.1", 7001, VITE, certainty=Certainty.INFERRED))
    assert told("7001", guessed).verdict.startswith("node (pid 812, project shop) (inferred)")


def test_what_is_not_known_is_said() -> None:
    limits = told("5432", facts=FACTS._replace(policy=None, services=None, addresses=())).limits
    assert any("range" in limit for limit in limits)
    assert any("netbase" in limit for limit in limits)
    assert any("addresses" in limit for limit in limits)


def test_other_namespaces_do_not_hold_ports_here() -> None:
    lab = machine(listener("127.0.0.1", 7002, VITE, netns=OTHER_NETNS))
    assert {each.plain for each in told("7002", lab).binding} == {BindVerdict.FREE}


def test_project_is_told() -> None:
    assert SHOP.name in told("5173").verdict


def test_the_verb_fits_who_is_named() -> None:
    worker = VITE._replace(pid=900, start_ticks=VITE.start_ticks + 1)
    workers = Snapshot(0, (listener("127.0.0.1", 8100, worker, VITE),))
    answer = told("8100", workers).verdict
    assert answer.startswith("node (pid 812, project shop) with 1 more process listens on"), answer
    two = Snapshot(0, (listener("127.0.0.1", 8100, VITE), listener("::1", 8100, POSTGRES)))
    assert " listen on " in told("8100", two).verdict
    assert " still listen on " in told("localhost:8100: connection reset by peer", two).verdict


def test_one_port_with_a_device_and_without_is_told_in_order() -> None:
    plain = listener("127.0.0.1", 8100, VITE)
    on_lo = plain._replace(endpoint=plain.endpoint._replace(interface="lo"))
    answer = told("OSError: [Errno 98] Address already in use", Snapshot(0, (on_lo, plain)))
    assert answer.candidates == (on_lo, plain)
