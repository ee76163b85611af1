"""H2: the development server does not take the host of the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.record import NamedTuple
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    SERVER_IS_UP,
    answer,
    answer_words,
    spoken_to_others,
    text_of,
)

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status not in (400, 403):
        return None
    said = text_of(response)
    tool = next((each for each in _TOOLS if each.says in said), None)
    if tool is None:
        return None
    other = spoken_to_others(case)
    told = [*answer_words(case), SERVER_IS_UP]
    told += [f"with Host: {other} the same request is answered well"] if other else []
    return Verdict(tuple(told), tool.fix.format(host=case.service.host))


class _Tool(NamedTuple):
    """What a development server says, and which line lets the host in."""

    says: str
    fix: str


_TOOLS = (
    _Tool("Blocked request. This host", "vite.config.js: server: {{ allowedHosts: ['{host}'] }}"),
    _Tool("Blocked hosts", "config/environments/development.rb: config.hosts << '{host}'"),
    _Tool("Blocked host:", "config/environments/development.rb: config.hosts << '{host}'"),
    _Tool(
        "Invalid Host header",
        "webpack.config.js: devServer: {{ allowedHosts: ['{host}'] }}; Angular: ng serve "
        "--allowed-hosts {host}; Starlette: TrustedHostMiddleware(allowed_hosts=['{host}'])",
    ),
    _Tool("Invalid host header", "TrustedHostMiddleware(allowed_hosts=['{host}'])"),
)


RULE = Rule(
    id="H2",
    title="the development server does not take the host of the URL",
    layer=Layer.APPLICATION,
    symptom="403 “Blocked request. This host is not allowed” (Vite), “Invalid Host header” "
    "(webpack, Angular)",
    looks_for="the server's words, and a better answer under another host",
    fix="Vite: server.allowedHosts; webpack: devServer.allowedHosts",
    judge=_judge,
)
