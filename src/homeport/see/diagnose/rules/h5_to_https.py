"""H5: the server sends clients to https, and nobody speaks TLS there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import SERVER_IS_UP, answer, answer_words, shown

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_LOCAL = ("localhost", "127.0.0.1", "::1")


def _judge(case: Case) -> Verdict | None:
    talk, response = case.talk, answer(case)
    url = None if talk is None else talk.fact("sent to")
    if talk is None or response is None or url is None:
        return None
    if talk.secured is not None and talk.secured.tls is None:
        why = talk.secured.why or talk.secured.ended
        return _verdict(case, url, f"a TLS handshake on port {case.port} fails: {why}")
    dead = _nobody(case, url)
    if dead is None:
        return None
    title = f"the server sends clients to port {dead}, where nobody listens"
    return _verdict(case, url, f"nobody listens on port {dead}")._replace(title=title)


def _nobody(case: Case, url: str) -> int | None:
    """The port that the redirect leads to, where it is on this machine and without a listener."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if (
        port == case.port
        or parts.hostname not in {*_LOCAL, case.service.host}
        or not case.is_loopback
    ):
        return None
    there = case._replace(service=case.service._replace(port=port))
    return None if there.here else port


def _verdict(case: Case, url: str, why: str) -> Verdict:
    return Verdict(
        (*answer_words(case), f"it sends the client to {shown(url)}", why, SERVER_IS_UP),
        "turn it off in development: Django SECURE_SSL_REDIRECT = False, Rails config.force_ssl = "
        "false, Flask-Talisman force_https=False; or let a proxy before it speak TLS "
        f"(caddy reverse-proxy --from localhost:8443 --to :{case.port})",
    )


RULE = Rule(
    id="H5",
    title="the server sends clients to https, and nobody speaks TLS there",
    layer=Layer.APPLICATION,
    symptom="a redirect to https, then WRONG_VERSION_NUMBER or ECONNREFUSED",
    looks_for="a Location of https on this very port, whose TLS handshake fails; or on a port "
    "without listener",
    fix="turn the redirect off in development, or speak TLS there",
    judge=_judge,
)
