"""What the gateway says itself: pages for browsers, text for people at a terminal, and JSON.

Everything that comes from elsewhere is escaped; no page has a script, or takes anything from
another server.
"""

from __future__ import annotations

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.route import Route
    from homeport.wire.http_request import Head

REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    417: "Expectation Failed",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}
JSON_VERSION = 1

_SECURITY = (
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
)
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:50rem;padding:0 1rem}"
    "pre{background:#8882;padding:1rem;overflow:auto}td,th{text-align:left;padding:.2rem 1rem "
    ".2rem 0}:root{color-scheme:light dark}"
)


class Page(NamedTuple):
    """One thing to say.

    `lines` are paragraphs; `told` is output of a program, shown as it is; `links` are hosts that
    can be opened; `retry_s` when to ask again; `routes` the table of the dashboard.
    """

    status: int
    title: str
    lines: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    retry_s: int | None = None
    refresh: bool = False
    routes: tuple[Route, ...] | None = None


def rendered(page: Page, head: Head | None, port: int) -> bytes:
    """The whole answer, in the form that the request asked for; the connection ends with it."""
    kind, body = _body(page, head.field("Accept") if head else None, port)
    data = body.encode("utf-8", "replace")
    retry = f"Retry-After: {page.retry_s}\r\n" if page.retry_s is not None else ""
    allow = "Allow: GET, HEAD\r\n" if page.status == 405 else ""
    answer = (
        f"HTTP/1.1 {page.status} {REASONS[page.status]}\r\n"
        f"Content-Type: {kind}; charset=utf-8\r\nContent-Length: {len(data)}\r\n"
        f"Vary: Accept\r\n{retry}{allow}{_SECURITY}Connection: close\r\n\r\n"
    ).encode("ascii")
    return answer if head is not None and head.method == "HEAD" else answer + data


def wants_html(head: Head) -> bool:
    """Whether a browser asks for a page, to be looked at."""
    return _form(head.field("Accept")) == "html"


def _form(accept: str | None) -> str:
    for entry in (accept or "").lower().split(","):
        kind = entry.partition(";")[0].strip()
        if kind in ("text/html", "application/xhtml+xml"):
            return "html"
        if kind == "application/json":
            return "json"
    return "text"


def _body(page: Page, accept: str | None, port: int) -> tuple[str, str]:
    match _form(accept):
        case "html":
            return "text/html", _html(page, port)
        case "json":
            return "application/json", _json(page, port)
        case _:
            return "text/plain", _text(page, port)


def _html(page: Page, port: int) -> str:
    from html import escape

    refresh = '<meta http-equiv="refresh" content="1">' if page.refresh else ""
    parts = [
        (
            f'<!doctype html><html lang="en"><meta charset="utf-8">{refresh}'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{escape(page.title)}</title><style>{_STYLE}</style>"
            f"<h1>{escape(page.title)}</h1>"
        )
    ]
    parts += [f"<p>{escape(line)}</p>" for line in page.lines]
    if page.told:
        parts.append(f"<pre>{escape(chr(10).join(page.told))}</pre>")
    if page.links:
        items = (f"<li>{_link(name, port)}" for name in page.links)
        parts.append(f"<ul>{''.join(items)}</ul>")
    if page.routes is not None:
        parts.append(_table(page.routes, port))
    return "".join(parts) + "</html>\n"


def _link(name: str, port: int) -> str:
    from html import escape

    url = escape(f"http://{name}.localhost:{port}/", quote=True)
    return f'<a href="{url}">{escape(name)}.localhost</a>'


def _table(routes: Sequence[Route], port: int) -> str:
    from html import escape

    rows = []
    for route in routes:
        name = route.names[0]
        shown = _link(name, port) if route.scheme == "http" else escape(f"{name}.localhost")
        cells = (route.project, route.service, str(route.state), _where(route), route.scheme)
        rows.append(f"<tr><td>{shown}" + "".join(f"<td>{escape(cell)}" for cell in cells))
    if not rows:
        return "<p>Nothing runs.</p>"
    head = "".join(f"<th>{each}" for each in _COLUMNS)
    return f"<table><tr>{head}{''.join(rows)}</table>"


_COLUMNS = ("name", "project", "service", "state", "listens at", "speaks")


def _where(route: Route) -> str:
    address = f"[{route.address}]" if ":" in route.address else route.address
    return f"{address}:{route.port}"


def _text(page: Page, port: int) -> str:
    lines = [page.title, "", *page.lines]
    lines += [f"    {_printable(line)}" for line in page.told]
    lines += [f"  http://{name}.localhost:{port}/" for name in page.links]
    for route in page.routes or ():
        lines.append(f"{route.names[0]}.localhost  {route.state}  {_where(route)}  {route.scheme}")
    return "\n".join(lines).rstrip() + "\n"


def _printable(line: str) -> str:
    """Without what would move the cursor of a terminal."""
    return "".join(each if each.isprintable() or each == "\t" else "\N{REPLACEMENT CHARACTER}"
                   for each in line)  # fmt: skip


def _json(page: Page, port: int) -> str:
    import json

    content: dict[str, object] = {
        "version": JSON_VERSION,
        "status": page.status,
        "title": page.title,
        "lines": list(page.lines),
        "told": list(page.told),
        "names": [f"{name}.localhost" for name in page.links],
    }
    if page.routes is not None:
        content["routes"] = [_route(route, port) for route in page.routes]
    return json.dumps(content, indent=2) + "\n"


def _route(route: Route, port: int) -> dict[str, object]:
    return {
        "names": [f"{name}.localhost" for name in route.names],
        "project": route.project,
        "service": route.service,
        "state": str(route.state),
        "address": route.address,
        "port": route.port,
        "scheme": route.scheme,
        "url": f"{route.scheme}://{route.names[0]}.localhost:{port}",
    }
