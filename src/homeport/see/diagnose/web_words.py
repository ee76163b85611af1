"""What the evidence of TLS and HTTP rules says: certificates, answers, and the text of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.see.diagnose.words import quoted
from homeport.wire.certificates import certificate_of
from homeport.wire.exchange import Ended
from homeport.wire.interceptors import interceptor

if TYPE_CHECKING:
    from homeport.model.identity import Certificate
    from homeport.see.diagnose.case import Case, Talk
    from homeport.wire.http1 import Response

_SECOND_NS = 1_000_000_000
_MARKUP = re.compile(r"(?is)<(script|style|head)\b.*?</\1>|<!--.*?-->|<[^<>]*>")
_MUCH = 20_000
_SECRET_AT_LEAST = 4
_IN_BETWEEN = re.compile(r"(?i)intermediate|\bsub(?:ordinate)?[ -]?ca\b|issuing")

NO_HANDSHAKE = "the other side does not answer the TLS handshake"
"""What `host.talking` says of a handshake that was waited for in vain."""

SERVER_IS_UP = "the server itself is up: it took the connection and answered in HTTP"


def answer(case: Case) -> Response | None:
    """The answer to the request, where one in HTTP came."""
    return None if case.talk is None else case.talk.response


def handshake(case: Case) -> Talk | None:
    """The conversation, where a TLS handshake was wanted and did not come about."""
    talk = case.talk
    if talk is None or not case.service.over_tls or talk.heard.tls is not None:
        return None
    return talk if talk.heard.ended in (Ended.UNSECURED, Ended.RESET, Ended.CLOSED) else None


def intercepted_by(case: Case) -> str | None:
    """The product that has issued the certificate for whoever it is in between."""
    found = None if case.talk is None else certificate(case.talk)
    return None if found is None or found.self_signed else interceptor(found.issuer)


def refused_certificate(case: Case, *codes: int) -> Talk | None:
    """The conversation, where the certificate was refused for one of OpenSSL's reasons."""
    talk = handshake(case)
    return talk if talk is not None and talk.heard.verify_code in codes else None


def certificate(talk: Talk) -> Certificate | None:
    """The server's own certificate, from whichever handshake has shown it."""
    for heard in (talk.heard, talk.secured):
        if heard is not None and heard.tls is not None and heard.tls.certificate is not None:
            return heard.tls.certificate
    if talk.flight is not None and talk.flight.certificates:
        return certificate_of(talk.flight.certificates[0])
    return None


def certificate_words(talk: Talk) -> tuple[str, ...]:
    """A sentence on the certificate, none where it was not seen."""
    found = certificate(talk)
    if found is None:
        return ()
    names = ", ".join(found.names[:6]) or "no name (no subjectAltName)"
    issuer = "by itself" if found.self_signed else f"by {quoted(found.issuer)}"
    return (
        (
            f"the certificate is for {names}; issued {issuer}; "
            f"valid from {day(found.not_before_ns)} to {day(found.not_after_ns)}"
        ),
    )


def refusal_words(talk: Talk) -> str:
    """What the client's TLS library says."""
    code = f" (OpenSSL's verify code {talk.heard.verify_code})" if talk.heard.verify_code else ""
    return f"the TLS handshake fails: {talk.heard.why or talk.heard.ended}{code}"


def day(moment_ns: int) -> str:
    """A moment as people write it, in UTC."""
    from datetime import UTC, datetime, timedelta

    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        moment = epoch + timedelta(seconds=moment_ns // _SECOND_NS)
    except OverflowError:
        return "a day out of reach"
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def answer_words(case: Case) -> tuple[str, ...]:
    """What was asked and what came, with the server's name and the first words of the page."""
    response = answer(case)
    if response is None or case.talk is None:
        return ()
    way = [
        f"GET {shown(each.url)} is answered with {each.response.line}"
        for each in case.talk.redirects
        if each.response
    ]
    server = response.headers.get("server")
    by = f" by {quoted(server, 60)}" if server else ""
    said = _without_secrets(case, text_of(response))
    page = [f"it says {quoted(said)}"] if said else []
    return (*way, f"GET {shown(_last_path(case))} is answered with {response.line}{by}", *page)


def _last_path(case: Case) -> str:
    """The path that was asked for at the end of the redirects."""
    redirects = () if case.talk is None else case.talk.redirects
    if not redirects or redirects[-1].response is None:
        return case.service.path
    return redirects[-1].response.headers.get("location", case.service.path)


def _without_secrets(case: Case, said: str) -> str:
    """Words of the server that may repeat what the URL has: a password, a token."""
    values = [case.service.password or "", *(value for _, value in case.service.options)]
    for each in values:
        said = said.replace(each, "…") if len(each) >= _SECRET_AT_LEAST else said
    return said


def shown(path: str) -> str:
    """A path without its query, which may hold a token."""
    return path.partition("?")[0] + ("?…" if "?" in path else "")


def text_of(response: Response) -> str:
    """The words of a page, without its markup; empty for what is no text."""
    from html import unescape

    kind = response.headers.get("content-type", "text/plain").lower()
    if not any(each in kind for each in ("text", "json", "xml")):
        return ""
    raw = response.body[:_MUCH].decode("utf-8", "replace")
    words = " ".join(unescape(_MARKUP.sub(" ", raw)).split())
    return "".join(each for each in words if each.isprintable())


def spoken_to_others(case: Case) -> str | None:
    """Under which other Host the same request is answered well."""
    talk = case.talk
    if talk is None or talk.response is None:
        return None
    own = case.service.place
    found = (
        each.host
        for each in talk.again
        if each.host not in (own, case.service.host)
        and each.response is not None
        and each.response.status < 400
    )
    return next(found, None)


def plain_url(case: Case) -> str:
    """The URL of the same service without TLS."""
    scheme = {"https": "http", "wss": "ws"}.get(case.service.scheme or "", "http")
    return f"{scheme}://{case.service.place}{shown(case.service.path)}"


def tls_url(case: Case) -> str:
    """The URL of the same service over TLS."""
    scheme = {"http": "https", "ws": "wss"}.get(case.service.scheme or "", "https")
    return f"{scheme}://{case.service.place}{shown(case.service.path)}"


def with_host(case: Case, host: str) -> str:
    """The URL with another host."""
    name = f"[{host}]" if ":" in host else host
    return f"{case.service.scheme}://{name}:{case.service.port}{shown(case.service.path)}"


def store(case: Case) -> str:
    """The trust store of the client, by name."""
    named = case.client.environment.get("SSL_CERT_FILE")
    return f"{named} (SSL_CERT_FILE)" if named else "the system's store (/etc/ssl/certs)"


def misses_intermediate(case: Case) -> bool:
    """Whether the issuer of the last certificate that was sent is a link in between, no root."""
    talk = case.talk
    if talk is None or talk.heard.verify_code == 19:
        return False
    if case.authorities:
        return any(not each.root for each in case.authorities) and not any(
            each.root for each in case.authorities
        )
    sent = talk.flight.certificates if talk.flight else ()
    last = certificate_of(sent[-1]) if sent else certificate(talk)
    return last is not None and _IN_BETWEEN.search(last.issuer) is not None


def holder(case: Case) -> str:
    """Who holds the listener that answers."""
    from homeport.see.explain.names import who

    return "somebody hidden" if case.listener is None else who(case.listener)


def log_of(case: Case) -> str:
    """Where the output of the server goes, as far as its owner tells: ` (journalctl -u x)`."""
    owners = () if case.listener is None else case.listener.owners
    unit = next(
        (each.unit for each in owners if each.unit and each.unit.endswith(".service")), None
    )
    container = next((each.container for each in owners if each.container), None)
    if container is not None:
        return f" ({container.runtime} logs {container.id[:12]})"
    return f" (journalctl -u {unit} -e)" if unit else ""
