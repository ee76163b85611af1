"""BPF programs of cgroups that keep a server from its port."""

from homeport.host.confined import Confinement, Program
from homeport.model.explanation import BindAnswer, BindVerdict
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Case, Outcome
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.l16_bind_filter import RULE
from homeport.wire.unit_limits import parse_unit_limits
from tests.see.diagnose.rules.made_up import SERVER, made_up

UNIT = "/system.slice/web.service"
PROGRAM = Program(9, "sd_bind4", "bind4", UNIT)
LIMITS = parse_unit_limits(
    "web.service", b"SocketBindAllow=ipv4:tcp:9000-9010\nSocketBindDeny=any\n"
)


def around(program: Program) -> Confinement:
    return Confinement(SERVER.pid, program.cgroup, (program,), seccomp=False)


def refused(confines: Confines) -> Case:
    return made_up(Outcome.REFUSED, listeners=(), confines=confines, naming=(SERVER,))


def test_a_server_that_listens_on_nothing_in_such_a_cgroup_is_likely() -> None:
    verdict = RULE.judge(refused(Confines(servers=(around(PROGRAM),))))
    assert verdict is not None
    assert verdict.certainty is Sureness.LIKELY
    assert any("sd_bind4" in each for each in verdict.evidence)


def test_the_units_list_decides() -> None:
    confines = Confines(servers=(around(PROGRAM),), limits=(LIMITS,))
    verdict = RULE.judge(refused(confines))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert "SocketBindAllow=tcp:8000" in verdict.fix
    allowed = LIMITS._replace(bind_allowed=("tcp:8000",))
    assert RULE.judge(refused(confines._replace(limits=(allowed,)))) is None


def test_it_is_told_of_whoever_wants_to_bind() -> None:
    free, taken = BindVerdict.FREE, BindVerdict.TAKEN
    confines = Confines(client=around(PROGRAM))
    case = refused(confines)._replace(attempts=())
    for verdict, found in ((free, True), (taken, False)):
        answer = BindAnswer("127.0.0.1", verdict, verdict, verdict)
        assert (RULE.judge(case._replace(binding=(answer,))) is not None) is found


def test_it_is_silent_without_such_a_program_or_with_one_for_all() -> None:
    root = PROGRAM._replace(name="cil_bind4", cgroup="/")
    assert RULE.judge(refused(Confines(servers=(around(root),)))) is None
    other = PROGRAM._replace(hook="bind6")
    assert RULE.judge(refused(Confines(servers=(around(other),)))) is None
    assert RULE.judge(refused(Confines())) is None
    assert (
        RULE.judge(made_up(Outcome.REFUSED, confines=Confines(servers=(around(PROGRAM),)))) is None
    )
