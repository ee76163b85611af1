"""BPF programs of cgroups: those that are to blame, and those that are not."""

import errno

from homeport.host.client import Client
from homeport.host.confined import Confinement, Program
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Case, Outcome
from homeport.see.diagnose.confines import Confines, Dropping
from homeport.see.diagnose.rules.k16_cgroup_filter import RULE
from homeport.wire.unit_limits import parse_unit_limits
from tests.see.diagnose.rules.made_up import HEALTHY, made_up

UNIT = "/system.slice/web.service"
FILTER = Program(9, "sd_fw_ingress", "ingress", UNIT)
OTHER = Program(10, "guard", "egress", "/guarded")
CONNECT = Program(11, "no_connect", "connect4", "/guarded")
LIMITS = parse_unit_limits(
    "web.service",
    b"IPAddressAllow=\nIPAddressDeny=0.0.0.0/0 ::/0\n",  # systemctl show, systemd 255
)
PROOF = Dropping(OTHER, 812, "request")


def around(program: Program, *, seccomp: bool = False) -> Confinement:
    return Confinement(812, program.cgroup, (program,), seccomp)


def forbidden(program: Program, *, seccomp: bool = False) -> Case:
    return made_up(
        Outcome.FAILED,
        code=errno.EPERM,
        confines=Confines(client=around(program, seccomp=seccomp)),
    )


def test_a_filter_of_systemd_that_drops_our_packet_is_sure() -> None:
    confines = Confines(servers=(around(FILTER),), dropping=(Dropping(FILTER, 812, "request"),))
    verdict = RULE.judge(made_up(confines=confines))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert "program 9, asked about the request by the kernel, drops it" in verdict.evidence
    assert verdict.fix.startswith("systemctl edit web.service")


def test_a_filter_of_systemd_that_lets_our_packet_pass_is_not_to_blame() -> None:
    assert RULE.judge(made_up(confines=Confines(servers=(around(FILTER),)))) is None


def test_the_units_list_is_enough() -> None:
    verdict = RULE.judge(made_up(confines=Confines(limits=(LIMITS,))))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert "web.service has IPAddressDeny=0.0.0.0/0 ::/0" in verdict.evidence
    allowed = LIMITS._replace(allowed=("127.0.0.0/8",))
    assert RULE.judge(made_up(confines=Confines(limits=(allowed,)))) is None


def test_an_unknown_filter_is_likely() -> None:
    verdict = RULE.judge(made_up(confines=Confines(client=around(OTHER))))
    assert verdict is not None
    assert verdict.certainty is Sureness.LIKELY
    assert verdict.tell_apart is not None


def test_a_program_for_connect_explains_eperm() -> None:
    for seccomp, certainty in ((False, Sureness.SURE), (True, Sureness.LIKELY)):
        verdict = RULE.judge(forbidden(CONNECT, seccomp=seccomp))
        assert verdict is not None
        assert verdict.certainty is certainty
    at_root = RULE.judge(forbidden(CONNECT._replace(cgroup="/")))
    assert at_root is not None
    assert at_root.certainty is Sureness.LIKELY


def test_it_is_silent_where_something_else_was_met() -> None:
    confines = Confines(client=around(OTHER))
    assert RULE.judge(made_up(Outcome.REFUSED, confines=confines)) is None
    assert RULE.judge(made_up(listeners=(), confines=confines)) is None
    assert RULE.judge(forbidden(OTHER)) is None
    assert RULE.judge(forbidden(CONNECT._replace(hook="connect6"))) is None
    assert RULE.judge(made_up()) is None


def test_we_come_through_and_the_client_that_was_asked_for_may_not() -> None:
    confines = Confines(client=Confinement(1, "/", (), seccomp=False), asker=around(OTHER))
    case = made_up(Outcome.CONNECTED, talk=HEALTHY, confines=confines)
    case = case._replace(client=Client(812, 0, {}, own=False, looker=1))
    verdict = RULE.judge(case)
    assert verdict is not None
    assert verdict.note
    denied = RULE.judge(case._replace(confines=confines._replace(limits=(LIMITS,))))
    assert denied is not None
    assert not denied.note
    assert denied.certainty is Sureness.SURE
    shown = RULE.judge(case._replace(confines=confines._replace(dropping=(PROOF,))))
    assert shown is not None
    assert shown.certainty is Sureness.SURE
    both = confines._replace(client=around(OTHER))
    assert RULE.judge(case._replace(confines=both)) is None
