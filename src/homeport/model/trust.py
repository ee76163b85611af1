"""Trust in the local authority: where it is installed, and which clients were seen to trust it."""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple


class AuthorityFacts(NamedTuple):
    """The user's local authority.

    `path` holds its certificate without the key; `fingerprint` is its SHA-256 in hexadecimal.
    """

    path: str
    name: str
    fingerprint: str
    not_before_ns: int
    not_after_ns: int


class Deed(NamedTuple):
    """One step of a change: a program that is run, or a file that is written or removed.

    A file at `path` gets the content of the file `source`; without one it is removed, and with it
    so many directories above it as `up` says, where nothing else is in them. A `directory` is made.
    """

    argv: tuple[str, ...] = ()
    path: str = ""
    source: str | None = None
    up: int = 0
    directory: bool = False


class Standing(StrEnum):
    """What became of a change.

    PLANNED: it would be made. DONE: it was made. ALREADY: nothing was to do. BLOCKED: this user or
    this machine cannot make it. FAILED: it was tried.
    """

    PLANNED = "planned"
    DONE = "done"
    ALREADY = "already"
    BLOCKED = "blocked"
    FAILED = "failed"


class Change(NamedTuple):
    """What is changed in one place of a store: the system's directory, a profile of a browser.

    `adds` is false where the authority `name` is taken out. `why` it could not be done, and what
    to do next, are None where all went well.
    """

    store: str
    place: str
    name: str
    adds: bool
    deeds: tuple[Deed, ...]
    standing: Standing
    why: str | None = None
    next_step: str | None = None


class Verdict(StrEnum):
    """Whether a client trusts the authority, as it was seen to.

    WITH_ENVIRONMENT: it does with the environment that services are given, and not without.
    UNCLEAR: it neither asked for the page nor refused. NOT_INSTALLED: there is no such client.
    """

    VERIFIED = "verified"
    WITH_ENVIRONMENT = "with environment"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    NOT_INSTALLED = "not installed"


class Trusting(NamedTuple):
    """What one client did when it was sent to a server with a certificate by the authority.

    `tried` is the program. `why` says what it refused, or why that is unclear.
    """

    client: str
    what: str
    verdict: Verdict
    tried: str | None = None
    why: str | None = None
    next_step: str | None = None


class TrustReport(NamedTuple):
    """All that a person is told of trust.

    `action` is `install`, `check` or `remove`. `authority` is None where there is none (any more).
    `environment` is what makes clients trust it that have no store, None where that was not asked.
    """

    action: str
    dry_run: bool
    authority: AuthorityFacts | None
    changes: tuple[Change, ...] = ()
    clients: tuple[Trusting, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
