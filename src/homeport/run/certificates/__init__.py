"""Certificates for the names under localhost, signed by the user's own local authority.

`context_for` is what a server asks at each connection; all else follows from it.
"""

from __future__ import annotations

import ssl
from collections import OrderedDict
from threading import Lock

from homeport.host.clock import Clock
from homeport.host.stored import signature
from homeport.model.errors import HomeportError
from homeport.model.record import NamedTuple
from homeport.run.certificates.authority import ensured, is_due, kept_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.run.certificates.issuing import Pair

_MOST_KEPT = 512
_LABEL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
_LONGEST = 200


class _Kept(NamedTuple):
    """A context, and until when it is good."""

    context: ssl.SSLContext
    due_ns: int


class Contexts:
    """The TLS contexts of a server, one for each host, made when first asked for.

    Of many hosts those that were asked for last are kept. Safe to use from several threads.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = Lock()
        self._signer: Pair | None = None
        self._signed_by: tuple[int, int, int] | None = None

    def context_for(self, host: str) -> ssl.SSLContext | None:
        """What a server presents as `host`: TLS 1.2 or later, ALPN http/1.1.

        None for every name but localhost and those below it. Raises `StateUnusable`.
        """
        name = local_name(host)
        if name is None:
            return None
        with self._lock:
            signer = self._signer_of_now()
            kept = self._kept.get(name)
            if kept is None or self._clock.now_ns() >= kept.due_ns:
                kept = self._kept[name] = self._make(name, signer)
            self._kept.move_to_end(name)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return kept.context

    def server_context(self) -> ssl.SSLContext:
        """A context that becomes that of the name in the TLS hello (SNI); without one, localhost.

        A name that is not under localhost ends the handshake with the alert unrecognized_name.
        """
        context = _bare()
        self.context_for("localhost")  # an authority that is broken is told now, not at a client

        def chosen(socket: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            try:
                found = self.context_for(name or "localhost")
            except HomeportError:
                return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR  # raised here, it would be printed
            if found is None:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            socket.context = found
            return None

        context.sni_callback = chosen
        return context

    def _signer_of_now(self) -> Pair:
        """The authority, which may be removed or made anew while a server runs."""
        unchanged = self._signed_by is not None and self._signed_by == signature(kept_path())
        if self._signer is None or not unchanged or is_due(self._signer, self._clock.now_ns()):
            self._kept.clear()
            self._signer = ensured(self._clock)
            self._signed_by = signature(kept_path())
        return self._signer

    def _make(self, host: str, signer: Pair) -> _Kept:
        from homeport.run.certificates.leaves import leaf

        made = leaf(host, signer, self._clock)
        context = _bare()
        context.load_cert_chain(made.path)
        return _Kept(context, made.due_ns)


def context_for(host: str) -> ssl.SSLContext | None:
    """What a server of this process presents as `host`; see `Contexts.context_for`."""
    return _of_this_process.context_for(host)


def server_context() -> ssl.SSLContext:
    """A context for all names under localhost; see `Contexts.server_context`."""
    return _of_this_process.server_context()


_of_this_process = Contexts()


def local_name(host: str) -> str | None:
    """A host name as a certificate has it; None for one that is not localhost or below it."""
    name = host.lower().removesuffix(".")
    labels = name.split(".")
    if labels[-1] != "localhost" or len(name) > _LONGEST:
        return None
    fine = all(0 < len(each) < 64 and _LABEL.issuperset(each) for each in labels)
    return name if fine else None


def _bare() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
