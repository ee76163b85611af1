"""N5: a name below localhost, which browsers know and the C library may not (RFC 6761, 6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.target import is_localhost
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_KNOWS_THEM = {"myhostname", "resolve"}


def _judge(case: Case) -> Verdict | None:
    found = case.resolution
    if case.as_browser is not None:
        return Verdict(
            (
                (
                    f"Browsers know {found.name}; programs that ask the C library do not "
                    f"({case.as_browser}): they use the service's own address, which homeport env "
                    "tells."
                ),
            ),
            "",
            note=True,
        )
    name = found.name.rstrip(".").lower()
    if found.error is None or not is_localhost(name) or name == "localhost":
        return None
    told = [f"getaddrinfo for {found.name}: {found.error}"]
    if not _KNOWS_THEM & set(found.sources):
        told.append(
            f"of the sources of names ({', '.join(found.sources) or 'none told'}) none knows names "
            "below localhost; a browser knows them itself"
        )
    return Verdict(
        tuple(told),
        f"echo '127.0.0.1 {found.name}' >> /etc/hosts, or apt-get install libnss-myhostname, or "
        f"ask localhost:{case.port} with the header Host: {found.name}",
    )


RULE = Rule(
    id="N5",
    title="names below localhost are known to browsers, not to this system",
    layer=Layer.NAME,
    symptom="works in the browser, getaddrinfo fails elsewhere",
    looks_for="an error for a name below localhost, and no nss-myhostname or systemd-resolved",
    fix="a line in the hosts file, or libnss-myhostname",
    judge=_judge,
)
