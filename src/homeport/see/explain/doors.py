"""The addresses at which a port can be bound, each with its answer."""

from __future__ import annotations

from homeport.model.address import is_ipv6, scope_of, unmapped
from homeport.model.endpoint import Transport
from homeport.model.explanation import BindAnswer, BindVerdict
from homeport.see.explain.addresses import is_here
from homeport.see.explain.binding import BindRequest, answer, holders_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.snapshot import Snapshot
    from homeport.model.target import Target
    from homeport.see.explain.binding import Holder
    from homeport.see.explain.facts import Facts

_USUAL = ("127.0.0.1", "::1", "0.0.0.0", "::")


def bind_answers(snapshot: Snapshot, target: Target, facts: Facts) -> tuple[BindAnswer, ...]:
    """Free or taken on the address asked for, on both loopbacks and both wildcards."""
    if not target.port:
        return ()
    transport = Transport.UDP if target.transport is Transport.UDP else Transport.TCP
    holders = holders_of(snapshot, target.port, transport, facts.bound)
    addresses = dict.fromkeys((*target.addresses, *_USUAL))
    return tuple(
        _answered(BindRequest(transport, address, target.port, facts.uid), holders, facts)
        for address in addresses
    )


def _answered(request: BindRequest, holders: tuple[Holder, ...], facts: Facts) -> BindAnswer:
    forbidden = _forbidden(request, facts)
    if forbidden is not None:
        return forbidden
    v6only = bool(facts.limits.v6only_default) and request.address == "::"
    return answer(request._replace(v6only=v6only), holders)


def _forbidden(request: BindRequest, facts: Facts) -> BindAnswer | None:
    """The answer that no socket has a part in."""
    missing = _missing(request.address, facts)
    if missing is not None:
        return _alike(request.address, BindVerdict.NOT_HERE, missing)
    policy = facts.policy
    if policy and request.port < policy.unprivileged_from and not facts.may_bind_any_port:
        first = policy.unprivileged_from
        why = f"below {first} binding takes CAP_NET_BIND_SERVICE, which this user has not"
        return _alike(request.address, BindVerdict.NOT_PERMITTED, why)
    return None


def _missing(address: str, facts: Facts) -> str | None:
    if is_ipv6(unmapped(address)) and facts.limits.ipv6 is False:
        return "IPv6 is switched off here"
    if facts.limits.nonlocal_bind:
        return None
    if is_here(address, facts.addresses) is False:
        return f"no interface has this {scope_of(address)} address"
    return None


def _alike(address: str, verdict: BindVerdict, why: str) -> BindAnswer:
    return BindAnswer(address, plain=verdict, reuse_address=verdict, reuse_port=verdict, why=why)
