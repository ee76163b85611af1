"""K10: SELinux denies the connection."""

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
    return denied_to_connect(case, "SELinux", _mend)


def _mend(denied: Denied, port: int) -> str:
    domain = (denied.context or "::a_domain").split(":")[2:3]
    if domain == ["httpd_t"]:
        return "setsebool -P httpd_can_network_connect on"
    name = denied.name or "a program"
    return (
        f"give port {port} a type that it may connect to (semanage port -l), or allow it: "
        f"ausearch -m AVC -c {name} --raw | audit2allow -M local && semodule -i local.pp"
    )


RULE = Rule(
    id="K10",
    title="SELinux denies the connection",
    layer=Layer.FIREWALL,
    symptom="EACCES (permission denied) on connect; behind a proxy 502",
    looks_for="avc: denied { name_connect } for the port, in the kernel's log or auditd's",
    fix="setsebool -P httpd_can_network_connect on, or a rule by audit2allow",
    judge=_judge,
    needs_root="to read the log",
)
