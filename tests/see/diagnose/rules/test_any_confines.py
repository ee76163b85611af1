"""Whatever confines a connection, every rule judges it, and its layers can be told."""

from hypothesis import given
from hypothesis import strategies as st

from homeport.host.confined import HOOKS, Confinement, Program
from homeport.host.conntrack import Tracking
from homeport.host.traffic_control import Crossing
from homeport.see.diagnose.case import Case
from homeport.see.diagnose.catalog import rules
from homeport.see.diagnose.conclude import conclude
from homeport.see.diagnose.confines import Confines, Dropping
from homeport.wire.conntrack import Refusals
from homeport.wire.denials import Denied
from homeport.wire.policy_routing import PolicyRule, Way
from homeport.wire.traffic_control import Discipline
from homeport.wire.unit_limits import UnitLimits
from tests.see.diagnose.cases import binding_cases, cases

programs = st.builds(
    Program,
    number=st.integers(1, 3),
    name=st.sampled_from(["", "sd_fw_egress", "sd_bind4", "guard"]),
    hook=st.sampled_from(sorted(HOOKS)),
    cgroup=st.sampled_from(["/", "/a.slice/b.service"]),
)
confinements = st.builds(
    Confinement,
    pid=st.sampled_from([9, 812]),
    cgroup=st.sampled_from([None, "/a.slice/b.service"]),
    programs=st.none() | st.lists(programs, max_size=2).map(tuple),
    seccomp=st.sampled_from([None, True, False]),
    no_new_privileges=st.sampled_from([None, True, False]),
)
words = st.lists(st.sampled_from(["any", "localhost", "0.0.0.0/0", "tcp:8000", "x"]), max_size=2)
limits = st.builds(UnitLimits, st.just("b.service"), *[words.map(tuple)] * 4)
denials = st.builds(
    Denied,
    at_ms=st.just(10**12),
    module=st.sampled_from(["SELinux", "AppArmor"]),
    action=st.sampled_from(["name_connect", "connect", "create", "name_bind", "bind", ""]),
    pid=st.sampled_from([None, 9, 812]),
    name=st.sampled_from([None, "nginx"]),
    port=st.sampled_from([None, 80, 8000]),
    context=st.sampled_from([None, "x", "system_u:system_r:httpd_t:s0"]),
)
routing = st.builds(
    PolicyRule,
    priority=st.integers(0, 3),
    table=st.sampled_from([None, "51820"]),
    action=st.sampled_from([None, "prohibit", "blackhole", "goto"]),
    mark=st.sampled_from([None, "0x1"]),
    inverted=st.booleans(),
    narrow=st.booleans(),
    family=st.sampled_from([4, 6]),
)
crossings = st.builds(
    Crossing,
    interface=st.just("lo"),
    disciplines=st.lists(
        st.builds(
            Discipline,
            st.sampled_from(["noqueue", "netem", "tbf"]),
            st.integers(0, 2),
            st.sampled_from([None, 0.0, 0.5, 1.0]),
        ),
        max_size=2,
    ).map(tuple),
    programs=st.sampled_from([(), ("XDP: x (id 1)",), ("tcx ingress: y (id 2)",)]),
)
confines = st.builds(
    Confines,
    client=st.none() | confinements,
    asker=st.none() | confinements,
    servers=st.lists(confinements, max_size=1).map(tuple),
    dropping=st.lists(
        st.builds(Dropping, programs, st.just(9), st.just("request")), max_size=1
    ).map(tuple),
    limits=st.lists(limits, max_size=1).map(tuple),
    denials=st.none() | st.lists(denials, max_size=2).map(tuple),
    tracking=st.none() | st.builds(Tracking, st.integers(0, 2), st.integers(0, 2)),
    refused=st.none() | st.builds(Refusals, st.integers(0, 2), st.integers(0, 2)),
    rules=st.none() | st.lists(routing, max_size=2).map(tuple),
    ways=st.sampled_from([(), (Way("10.0.0.9", "wg0"),)]),
    tunnels=st.sampled_from([(), ("wg0",)]),
    crossing=st.none() | crossings,
    nameservers=st.sampled_from([(), ("10.8.0.1",)]),
    kernel=st.sampled_from(["", "6.1.0-18-amd64", "5.15.153.1-microsoft-standard-WSL2"]),
)


@given(cases() | binding_cases(), confines)
def test_it_is_concluded_with_evidence_and_a_fix(case: Case, seen: Confines) -> None:
    found = conclude(case._replace(confines=seen), rules())
    for cause in (*found.undecided, *([found.cause] if found.cause else [])):
        assert cause.evidence
        assert all(cause.evidence)
        assert cause.fix
