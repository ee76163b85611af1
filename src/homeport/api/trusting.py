"""HTTPS for names under localhost: the local authority, and who trusts it."""

from __future__ import annotations

from homeport.model.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from homeport.model.trust import TrustReport

    OnWait = Callable[[Sequence[str]], None]


def trust(*, dry_run: bool = False, on_wait: OnWait | None = None) -> TrustReport:
    """Installs the local authority where this user's clients look, and sees whether they trust it.

    Makes it where there is none. Some 20 s at most; `on_wait` is told about once a second which
    clients are waited for. Raises `StateUnusable`.
    """
    from homeport.model.trust import TrustReport
    from homeport.run.certificates import authority
    from homeport.run.trust.environment import client_environment
    from homeport.run.trust.installing import install
    from homeport.run.trust.verifying import verify

    changes = install(dry_run=dry_run)
    if dry_run:
        return TrustReport("install", dry_run, authority.facts(), changes, notes=_notes())
    return TrustReport(
        "install",
        dry_run,
        authority.facts(),
        changes,
        verify(on_wait),
        tuple(client_environment().items()),
        _notes(),
    )


def _notes() -> tuple[str, ...]:
    from homeport.host.who import own_uids

    if len(own_uids()) == 1:
        return ()
    note = (
        "under sudo this is root's own authority, which no server of yours uses: "
        "homeport trust without sudo shows the command for what only root may do"
    )
    return (note,)


def check_trust(*, on_wait: OnWait | None = None) -> TrustReport:
    """Sees which clients trust the local authority, and installs nothing; see `trust`.

    Raises `NotFound` where there is no authority, `StateUnusable`.
    """
    from homeport.model.trust import TrustReport
    from homeport.run.certificates import authority
    from homeport.run.trust.environment import client_environment
    from homeport.run.trust.verifying import verify

    if authority.facts() is None:
        raise NotFound(
            "there is no local authority yet",
            why="it is made when somebody needs it for the first time",
            next_step="homeport trust makes it, and has this user's clients trust it",
        )
    clients = verify(on_wait)
    notice = trust_notice()
    return TrustReport(
        "check",
        dry_run=False,
        authority=authority.facts(),
        clients=clients,
        environment=tuple(client_environment().items()),
        notes=(notice,) if notice else (),
    )


def distrust(*, dry_run: bool = False) -> TrustReport:
    """Takes the local authority out of every place where it was installed, and deletes it.

    What this user may not take out is told, with the command that does it. Raises `StateUnusable`.
    """
    from homeport.model.trust import TrustReport
    from homeport.run.certificates import authority
    from homeport.run.trust.installing import remove

    changes = remove(dry_run=dry_run)
    return TrustReport("remove", dry_run, authority.facts() if dry_run else None, changes)


def trust_notice() -> str | None:
    """A sentence for who uses HTTPS with an authority that was made anew since it was installed."""
    from homeport.run.trust.record import is_outdated

    if not is_outdated():
        return None
    return "the local authority was made anew and clients do not know it yet: homeport trust"


def client_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables by which programs without a store of their own trust the local authority.

    They go on top of `environ`, by default this process's; what it trusts is trusted still. Empty
    where there is no authority. Raises `StateUnusable`.
    """
    from homeport.run.trust.environment import client_environment as variables

    return variables(environ)
