"""K12: AppArmor denies the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.denied import denied_to_connect
from homeport.see.diagnose.rule import Rule

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case
    from homeport.see.diagnose.rule import Verdict
    from homeport.wire.denials import Denied


def _judge(case: Case) -> Verdict | None:
    return denied_to_connect(case, "AppArmor", _mend)


def _mend(denied: Denied, _: int) -> str:
    profile = denied.context or "PROFILE"
    return (
        f"in the profile {profile} below /etc/apparmor.d, add the line “network inet stream,” (and "
        f"inet6), then load it: apparmor_parser -r FILE; to try without it: aa-complain {profile}"
    )


RULE = Rule(
    id="K12",
    title="AppArmor denies the connection",
    layer=Layer.FIREWALL,
    symptom="EACCES (permission denied) on connect or socket; behind a proxy 502",
    looks_for='apparmor="DENIED" operation="connect" of the client, in the log',
    fix="a line “network inet stream,” in the profile",
    judge=_judge,
    needs_root="to read the log",
)
