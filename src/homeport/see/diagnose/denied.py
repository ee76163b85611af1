"""What a security module denied to the client, to a proxy in between, or to the server."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.see.diagnose.case import Case
    from homeport.wire.denials import Denied

_OF_A_PROXY = frozenset({502, 503, 504})


def denied_to_connect(
    case: Case, module: str, mend: Callable[[Denied, int], str]
) -> Verdict | None:
    """The verdict where a denial explains what became of our connection, or of a proxy's."""
    found = [each for each in case.confines.denials or () if _is_it(each, module)]
    own = next((each for each in found if _of_client(case, each)), None)
    if own is not None and _forbidden(case):
        return _verdict(case, own, mend(own, case.port))
    if own is not None and case.client.pid == own.pid and not case.client.own:
        return _verdict(case, own, mend(own, case.port))
    behind = next(((each, port) for each in found if (port := _behind(case, each))), None)
    return None if behind is None else _verdict(case, behind[0], mend(*behind))


def denied_to_bind(case: Case) -> Denied | None:
    """The denial that kept a server from the port."""
    pids = {each.pid for each in case.naming}
    if case.binding:
        pids |= {case.client.pid}
    return next(
        (
            each
            for each in case.confines.denials or ()
            if each.of_bind
            and not each.permissive
            and (each.port == case.port or (each.port is None and each.pid in pids))
        ),
        None,
    )


def denial_words(denied: Denied) -> str:
    """A denial, as evidence."""
    whose = f"{denied.name or 'a process'} (pid {denied.pid})"
    port = "" if denied.port is None else f" for port {denied.port}"
    target = "" if denied.target is None else f", the port's type is {denied.target}"
    return (
        f"the log says: {denied.module} denied {denied.action} to {whose}{port}; it is confined as "
        f"{denied.context}{target}"
    )


def _is_it(denied: Denied, module: str) -> bool:
    wanted = denied.of_connect or denied.action == "create"
    return denied.module == module and wanted and not denied.permissive


def _of_client(case: Case, denied: Denied) -> bool:
    pids = {case.client.pid, case.client.looker}
    return denied.pid in pids and denied.port in (None, case.port)


def _forbidden(case: Case) -> bool:
    return case.connected is None and any(each.errno == errno.EACCES for each in case.attempts)


def _behind(case: Case, denied: Denied) -> int | None:
    """The port to which the proxy that answers could not connect."""
    response = None if case.talk is None else case.talk.response
    if response is None or response.status not in _OF_A_PROXY:
        return None
    if denied.pid not in {owner.pid for each in case.served_by for owner in each.owners}:
        return None
    places = [each.place.rpartition(":")[2] for each in case.upstreams]
    if denied.port is None or (places and str(denied.port) not in places):
        return None
    return denied.port


def _verdict(case: Case, denied: Denied, fix: str) -> Verdict:
    response = None if case.talk is None else case.talk.response
    answered = () if response is None else (f"the answer is {response.line}",)
    ago_s = max(0, case.snapshot.taken_ns // 1_000_000 - denied.at_ms) // 1000
    return Verdict(
        (*told_attempts(case), *answered, denial_words(denied), f"that was {ago_s} s ago"),
        fix,
        Sureness.SURE,
    )
