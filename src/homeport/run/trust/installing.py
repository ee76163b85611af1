"""Installs the local authority in every store, and takes it out of every place where it was put.

What is to change is planned first, as data; a dry run ends there. Then each place is changed by
itself: one that cannot be changed keeps none of the others from it.
"""

from __future__ import annotations

from homeport.host.locking import locked
from homeport.host.trust_stores import carry_out
from homeport.model.errors import HomeportError, StateUnusable
from homeport.model.trust import Change, Standing
from homeport.run.certificates import authority as kept
from homeport.run.trust import environment, record, stores
from homeport.run.trust.contract import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.host.clock import Clock
    from homeport.model.trust import AuthorityFacts


def install(*, dry_run: bool = False, clock: Clock | None = None) -> tuple[Change, ...]:
    """Makes the authority, as far as there is none, and has every store of this user trust it.

    Older ones of Homeport's own are taken out. A dry run without an authority plans with one
    that is not kept. Raises `StateUnusable`.
    """
    if dry_run:
        return tuple(_planned(kept.facts_to_be(clock)))
    with locked(record.lock_path()):
        facts = kept.facts_of(kept.ensured(clock))
        planned = _planned(facts)
        # Also what is blocked: somebody may type the command that is then shown.
        record.write(_entries(facts))
        changes = tuple(map(_carried_out, planned))
        record.write(each for each in _entries(facts) if _stays(each, facts))
        return changes


def remove(*, dry_run: bool = False) -> tuple[Change, ...]:
    """Takes the authority out of every store, and deletes it, its key and all that was recorded.

    Works without an authority, too. What this user cannot take out stays recorded. Raises
    `StateUnusable`.
    """
    if dry_run:
        return tuple(map(_taking_out, _held()))
    with locked(record.lock_path()):
        held = _held()
        record.write(held)
        changes = tuple(_carried_out(_taking_out(each)) for each in held)
        record.write(each for each in held if stores()[each.store].remains(each))
        kept.forget()
        environment.forget()
        return changes


def is_stale(facts: AuthorityFacts) -> bool:
    """Whether another authority than this one was installed: trust has to be renewed."""
    recorded = record.read()
    return bool(recorded) and all(each.fingerprint != facts.fingerprint for each in recorded)


def _entries(facts: AuthorityFacts) -> list[Entry]:
    """Where the authority belongs, and all that was recorded before."""
    recorded = [each for each in record.read() if each.store in stores()]
    made = {(each.store, each.place) for each in recorded if each.made}
    wanted = [
        Entry(
            store.id,
            place,
            facts.name,
            facts.fingerprint,
            made=is_new or (store.id, place) in made,
        )
        for store in stores().values()
        for place, is_new in store.places()
    ]
    return list(dict.fromkeys([*wanted, *recorded]))


def _stays(entry: Entry, facts: AuthorityFacts) -> bool:
    return entry.fingerprint == facts.fingerprint or stores()[entry.store].remains(entry)


def _held() -> list[Entry]:
    """The recorded entries, and those of the present authority, that are really there."""
    try:
        facts = kept.facts()
    except StateUnusable:
        facts = None  # it is about to be deleted
    entries = record.read() if facts is None else _entries(facts)
    known = [each for each in entries if each.store in stores()]
    return [each for each in known if stores()[each.store].remains(each)]


def _planned(facts: AuthorityFacts) -> list[Change]:
    entries = _entries(facts)
    wanted = [each for each in entries if each.fingerprint == facts.fingerprint]
    older = [each for each in entries if each.fingerprint != facts.fingerprint]
    out = [_taking_out(each) for each in older if stores()[each.store].remains(each)]
    return [*out, *(_adding(each, facts) for each in wanted)]


def _adding(entry: Entry, facts: AuthorityFacts) -> Change:
    store = stores()[entry.store]
    change = Change(store.what, entry.place, entry.name, True, (), Standing.ALREADY)
    if store.holds(entry):
        return change
    deeds = store.add(entry, facts)
    return _allowed(change._replace(deeds=deeds, standing=Standing.PLANNED), entry)


def _taking_out(entry: Entry) -> Change:
    store = stores()[entry.store]
    deeds = store.take_out(entry)
    change = Change(store.what, entry.place, entry.name, False, deeds, Standing.PLANNED)
    return _allowed(change, entry)


def _allowed(change: Change, entry: Entry) -> Change:
    obstacle = stores()[entry.store].obstacle(entry, change.deeds)
    if obstacle is None:
        return change
    return change._replace(
        standing=Standing.BLOCKED, why=obstacle.why, next_step=obstacle.next_step
    )


def _carried_out(change: Change) -> Change:
    if change.standing is not Standing.PLANNED:
        return change
    try:
        for deed in change.deeds:
            carry_out(deed)
    except HomeportError as error:
        told = f"{error.what}: {error.why}" if error.why else error.what
        return change._replace(standing=Standing.FAILED, why=told, next_step=error.next_step)
    return change._replace(standing=Standing.DONE)
