"""What a security module has denied of the network, as the audit records of the kernel tell.

They stand in /dev/kmsg (`audit: type=1400 audit(1700000000.123:45): avc:  denied …`) or, where
auditd runs, in its log (`type=AVC msg=audit(…): …`). SELinux: security/selinux/avc.c and
security/lsm_audit.c; AppArmor: security/apparmor/audit.c and net.c.
"""

from __future__ import annotations

import re

from homeport.model.record import NamedTuple

_MOMENT = re.compile(r"audit\((?P<seconds>\d{1,12})\.(?P<ms>\d{3}):\d+\): ?")
_AVC = re.compile(r"avc: {1,2}denied {1,2}\{ (?P<actions>[a-z_ ]{1,80}) \} for {1,2}")
_FIELD = re.compile(r'(?P<name>[a-z_]{1,32})=(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))')
_LONGEST = 4096


class Denied(NamedTuple):
    """One denial.

    `at_ms` is in milliseconds since the epoch; `action` is `name_connect`, `name_bind` (SELinux),
    `connect`, `bind`, `create` (AppArmor); `port` that of the far end or, for a bind, one's own,
    None where it is not told. `context` is what the process is confined as: SELinux's context or
    AppArmor's profile; `target` the context of the port. `permissive`: told, and allowed yet.
    """

    at_ms: int
    module: str
    action: str
    pid: int | None
    name: str | None
    port: int | None
    context: str | None
    target: str | None = None
    permissive: bool = False

    @property
    def of_bind(self) -> bool:
        """Whether the process wanted to bind or listen."""
        return self.action in ("name_bind", "node_bind", "bind", "listen")

    @property
    def of_connect(self) -> bool:
        """Whether the process wanted to connect."""
        return self.action in ("name_connect", "connect")


def parse_denial(text: str) -> Denied | None:
    """What one line says of a denied use of a TCP socket; None for any other line."""
    text = text[:_LONGEST]
    moment = _MOMENT.search(text)
    if moment is None:
        return None
    at_ms = int(moment["seconds"]) * 1000 + int(moment["ms"])
    rest = text[moment.end() :]
    avc = _AVC.match(rest)
    if avc is not None:
        return _of_selinux(at_ms, avc["actions"], _fields(rest[avc.end() :]))
    fields = _fields(rest)
    return _of_apparmor(at_ms, fields) if fields.get("apparmor") == "DENIED" else None


def _fields(text: str) -> dict[str, str]:
    return {each["name"]: each["quoted"] or each["bare"] or "" for each in _FIELD.finditer(text)}


def _of_selinux(at_ms: int, actions: str, fields: dict[str, str]) -> Denied | None:
    if fields.get("tclass") != "tcp_socket":
        return None
    return Denied(
        at_ms,
        "SELinux",
        actions.partition(" ")[0],
        _number(fields.get("pid")),
        fields.get("comm"),
        _number(fields.get("dest") or fields.get("src")),
        fields.get("scontext"),
        fields.get("tcontext"),
        fields.get("permissive") == "1",
    )


def _of_apparmor(at_ms: int, fields: dict[str, str]) -> Denied | None:
    if fields.get("family") not in ("inet", "inet6") or fields.get("sock_type") != "stream":
        return None
    action = fields.get("operation", "")
    port = fields.get("lport") if action in ("bind", "listen") else fields.get("fport")
    return Denied(
        at_ms,
        "AppArmor",
        action,
        _number(fields.get("pid")),
        fields.get("comm"),
        _number(port),
        fields.get("profile"),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 11 else None
