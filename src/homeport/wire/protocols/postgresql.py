"""PostgreSQL: a single letter answers whoever asks for encryption (Frontend/Backend Protocol).

A GSSENCRequest (since PostgreSQL 12) is the one question that leaves nothing in its log, whatever
the answer. After the `S` that answers an SSLRequest it misses a handshake, and says so; anything
else is an error there. The version is told only to those who have logged in.
"""

from __future__ import annotations

from homeport.wire.protocols import Finding, Probe, Protocol

_GSSENC_REQUEST = bytes.fromhex("00000008 04d21630")
_SSL_REQUEST = bytes.fromhex("00000008 04d2162f")
_LETTERS = {
    b"G": "G: encryption by GSSAPI is offered",
    b"S": "S: TLS is offered",
    b"N": "N: no such encryption is offered",
}
_MOST = 1 << 14


def _answer(data: bytes) -> Finding | None:
    told = _LETTERS.get(data)
    return _error(data) if told is None else Finding("postgresql", told)


def _error(data: bytes) -> Finding | None:
    """An ErrorResponse: `E`, a length, and fields of which the first is the severity."""
    length = int.from_bytes(data[1:5], "big")
    if data[:1] != b"E" or data[5:6] != b"S" or not 10 < length < _MOST or len(data) <= length:
        return None
    fields = {each[:1]: each[1:] for each in data[5:length].split(b"\0")}
    severity, text = fields.get(b"S", b""), fields.get(b"M", b"")
    if severity not in {b"FATAL", b"ERROR", b"PANIC"} and fields.get(b"V") != b"FATAL":
        return None
    return Finding("postgresql", f"an error, {text.decode(errors='replace')[:80]!r}")


PROTOCOL = Protocol(
    name="postgresql",
    source="PostgreSQL documentation, chapter 55: Frontend/Backend Protocol",
    # Debian gives a second and a third cluster the next ports (pg_createcluster(1)).
    ports=frozenset({5432, 5433, 5434, 6432}),
    programs={
        "postgres": "PostgreSQL",
        "postmaster": "PostgreSQL",
        "pgbouncer": "PgBouncer",
        "pgpool": "Pgpool-II",
    },
    nonsense=_error,
    probes=(
        Probe("a GSSENCRequest", _GSSENC_REQUEST, _answer),
        Probe("an SSLRequest", _SSL_REQUEST, _answer),
    ),
    common=1,
    alpn=("postgresql",),
)
