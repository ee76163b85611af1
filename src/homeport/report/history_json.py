"""`homeport/history@1`: who had an endpoint and when, for programs; times in UTC.

The schema is `schemas/history-1.json`. Every field is written here by hand; this format only grows.
"""

from __future__ import annotations

from homeport.model.record import NamedTuple
from homeport.report.ls_json import valid
from homeport.report.words import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from homeport.model.event import Stretch, Tenancy

SCHEMA = "homeport/history@1"


class Limited(NamedTuple):
    """What is shown of the history, and whether there is more."""

    tenancies: Sequence[Tenancy]
    truncated: bool


def history_json(text: str | None, found: Limited, recorded: Iterable[Stretch]) -> Iterator[str]:
    """The lines of the document."""
    from json import dumps

    stretches = [{"from": utc(each.began_ns), "to": utc(each.ended_ns)} for each in recorded]
    yield f'{{"schema": "{SCHEMA}",'
    yield f'"query": {dumps(None if text is None else valid(text))},'
    yield f'"recorded": {dumps(stretches)},'
    yield f'"truncated": {dumps(found.truncated)},'
    rows = ",\n".join(dumps(_tenancy(each)) for each in found.tenancies)
    yield f'"tenancies": [{rows}]}}'


def _tenancy(tenancy: Tenancy) -> dict[str, object]:
    endpoint = tenancy.endpoint
    return {
        "transport": endpoint.transport.value,
        "address": endpoint.address,
        "port": endpoint.port,
        "interface": _text(endpoint.interface),
        "opened": utc(tenancy.opened_ns),
        "first_seen": utc(tenancy.seen_ns),
        "closed": utc(tenancy.closed_ns),
        "closed_known": tenancy.closed_known,
        "open": tenancy.closed_ns is None,
        "pid": tenancy.pid,
        "name": _text(tenancy.name),
        "argv": [valid(word) for word in tenancy.argv],
        "user": _text(tenancy.user),
        "cwd": _text(tenancy.cwd),
        "project": _text(tenancy.project),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else valid(text)
