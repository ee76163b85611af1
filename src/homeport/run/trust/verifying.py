"""Whether each client trusts the authority: each is sent to a server, and watched.

A client that can be told by its environment is sent twice: as it would be started now, and with
the environment that services are given.
"""

from __future__ import annotations

import os

from homeport.host.clock import SECOND_NS
from homeport.host.tls_trial import LEFT, Seen, TrialServer
from homeport.host.trials import Run, run_all, scratch
from homeport.host.trust_stores import environment
from homeport.model.record import NamedTuple
from homeport.model.trust import Trusting, Verdict
from homeport.run.certificates import Contexts
from homeport.run.certificates.leaves import forget
from homeport.run.trust.clients import clients
from homeport.run.trust.contract import Trial
from homeport.run.trust.environment import client_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from homeport.run.trust.contract import Attempt, Client

DOMAIN = "verify.homeport.localhost"
TIMEOUT_NS = 20 * SECOND_NS
_PROXIES = frozenset(("http_proxy", "https_proxy", "all_proxy", "ftp_proxy"))
_TOLD = {
    LEFT: "it leaves when it has seen the certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not know the authority",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not accept the certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it says that the certificate is bad",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it says that the certificate has expired",
}

_NOTHING = Seen(asked=False)


class _Sent(NamedTuple):
    """A client on its way: its host, by which the server knows it."""

    client: Client
    attempt: Attempt | None
    plain: str
    helped: str | None


def verify(on_wait: Callable[[Sequence[str]], None] | None = None) -> tuple[Trusting, ...]:
    """What every client does with a certificate by the authority; takes at most some 20 s.

    There has to be an authority. `on_wait` is told about once a second whom is waited for. Raises
    `StateUnusable`.
    """
    contexts = Contexts()
    env = _without_proxies(environment())
    more = client_environment(env)
    with scratch() as place, TrialServer(contexts.context_for) as server:
        sent = [_sent(client, server, place) for client in clients()]
        runs: dict[str, Run] = {}
        for each in sent:
            runs |= _started(each, env, more)
        run_all(
            runs,
            lambda host: _is_decided(server.seen.get(host)),
            server.waker,
            timeout_ns=TIMEOUT_NS,
            on_wait=_by_name(on_wait, sent),
        )
        seen = dict(server.seen)
    forget([host for each in sent for host in (each.plain, each.helped) if host])
    return tuple(_told(each, seen, runs) for each in sent)


def _without_proxies(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.lower() not in _PROXIES}


def _sent(client: Client, server: TrialServer, place: str) -> _Sent:
    plain = f"{client.id}.{DOMAIN}"
    trial = Trial(plain, server.port, os.path.join(place, client.id), server.nowhere)
    helped = f"{client.id}-with.{DOMAIN}" if client.heeds else None
    return _Sent(client, client.attempt(trial), plain, helped)


def _started(each: _Sent, env: Mapping[str, str], more: Mapping[str, str]) -> dict[str, Run]:
    if each.attempt is None:
        return {}
    env = {**env, **dict(each.attempt.env)}
    runs = {each.plain: Run(each.attempt.argv, env)}
    if each.helped is not None:
        argv = [word.replace(each.plain, each.helped) for word in each.attempt.argv]
        runs[each.helped] = Run(argv, {**env, **more})
    return runs


def _is_decided(seen: Seen | None) -> bool:
    return seen is not None and (seen.asked or seen.refusal is not None)


def _by_name(
    on_wait: Callable[[Sequence[str]], None] | None, sent: Sequence[_Sent]
) -> Callable[[Sequence[str]], None] | None:
    if on_wait is None:
        return None

    def told(hosts: Sequence[str]) -> None:
        names = [each.client.what for each in sent if {each.plain, each.helped} & set(hosts)]
        on_wait(names)

    return told


def _told(each: _Sent, seen: Mapping[str, Seen], runs: Mapping[str, Run]) -> Trusting:
    client, attempt = each.client, each.attempt
    if attempt is None:
        return Trusting(client.id, client.what, Verdict.NOT_INSTALLED)
    result = Trusting(client.id, client.what, Verdict.VERIFIED, attempt.program or attempt.argv[0])
    plain, helped = seen.get(each.plain, _NOTHING), seen.get(each.helped or "", _NOTHING)
    if plain.asked:
        return result
    if helped.asked:
        by = f"by {' or '.join(client.heeds)}"
        return result._replace(verdict=Verdict.WITH_ENVIRONMENT, why=by)
    words = runs[each.plain].output
    if attempt.absent is not None and attempt.absent in words:
        return result._replace(verdict=Verdict.NOT_INSTALLED, tried=None)
    if plain.refusal is None:
        return result._replace(verdict=Verdict.UNCLEAR, why=_last_words(runs[each.plain]))
    why = _TOLD.get(plain.refusal, plain.refusal.replace("_", " ").lower())
    return result._replace(verdict=Verdict.REFUSED, why=why, next_step=client.remedy)


def _last_words(run: Run) -> str:
    lines = run.output.strip().splitlines()
    if run.ended_ns is None and run.process is not None:
        return "it did not ask within the time that it was given"
    return f"it ended without a word to the server: {lines[-1][:200]}" if lines else "it ended"
