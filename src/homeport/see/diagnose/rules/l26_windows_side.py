"""L26: below Windows (WSL2), the server may run on the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    seen = case.confines
    if not seen.of_windows or not case.is_loopback:
        return None
    kernel = f"the kernel is {seen.kernel}: this Linux is WSL2's"
    if case.connected is not None:
        return _connected(case, kernel)
    if case.here or case.elsewhere or case.naming or not case.outcomes(Outcome.REFUSED):
        return None
    gateway = next(iter(seen.nameservers), None)
    windows = f" ({gateway}, if the name server is Windows)" if gateway else ""
    return Verdict(
        (*told_attempts(case), kernel, f"in it nothing listens on port {case.port}"),
        "connect to Windows' address as WSL sees it, which is the gateway of ip route show default"
        f"{windows}; or share localhost: [wsl2] / networkingMode=mirrored in %UserProfile%"
        "\\.wslconfig, then wsl --shutdown; or start the server in WSL",
        Sureness.LIKELY,
        tell_apart=f"netstat.exe -ano | grep :{case.port} tells whether Windows listens",
    )


def _connected(case: Case, kernel: str) -> Verdict | None:
    """We came through to nobody here: with shared localhost that is Windows' server."""
    if case.here or case.elsewhere or (case.talk is not None and case.talk.healthy):
        return None
    return Verdict(
        (*told_attempts(case), kernel, "nobody in it listens there: a program of Windows answered"),
        f"on Windows: netstat -ano | findstr :{case.port}, and look at that program",
        Sureness.LIKELY,
        title="a program on the Windows side answers, and not well",
        tell_apart="netstat.exe -ano tells who listens in Windows",
    )


RULE = Rule(
    id="L26",
    title="the server may listen in Windows, and not in this Linux (WSL2)",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED in WSL2, while Windows reaches the service at localhost, or the reverse",
    looks_for="a kernel of Microsoft's (uname -r), and no listener of the port in it",
    fix="use Windows' address, or networkingMode=mirrored",
    judge=_judge,
)
