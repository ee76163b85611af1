"""What Caddy is told to be, in JSON: TLS and HTTP/2 on one side, the gateway on the other. Pure.

It holds the sessions to these names, and asks the gateway for everything, in HTTP/1.1: which
service is meant, whether it runs and who may ask stays known in one place. It listens on unix
sockets in its working directory and on nothing else, gets no certificates by itself, and writes
nowhere but there. Only fields that Caddy 2.6 knows are used.
"""

from __future__ import annotations

import json

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ADMIN_SOCKET = "admin.sock"
_ADMIN_HOST = "homeport"  # which hosts it takes by itself at a unix socket differs by version

# Connections are used again within a burst, which is four times as fast as a new one for each
# request, and no longer: servers end idle ones after 2 seconds (gunicorn) to 5 (node, uvicorn), a
# request that is sent at that moment would be a 502, and what becomes of a service whose state has
# changed is asked with a new connection.
_KEEP_ALIVE = {"idle_timeout": "100ms", "max_idle_conns_per_host": 256}


class Secured(NamedTuple):
    """A host, the file with its certificate and key, and a word for that certificate alone."""

    host: str
    pem_path: str
    tag: str


def tls_socket(generation: int) -> str:
    """On which socket a configuration listens for TLS.

    Each has its own: from one that two share, the older takes connections yet for some
    milliseconds, and knows nothing of a new host.
    """
    return f"tls-{generation}.sock"


def caddy_config(hosts: Iterable[Secured], gateway_port: int, generation: int) -> dict[str, object]:
    """The whole configuration, for these hosts and the gateway at that port of 127.0.0.1."""
    secured = sorted(hosts)
    server = {
        "listen": [f"unix/{tls_socket(generation)}"],
        "protocols": ["h1", "h2"],
        "automatic_https": {"disable": True},
        # As the gateway: a connection leads to the host of its hello, and 421 to any other.
        "strict_sni_host": True,
        "tls_connection_policies": [_policy(each) for each in secured],
        "routes": [_route(each.host, gateway_port) for each in secured] + [_NOBODY],
    }
    return {
        "admin": {
            "listen": f"unix/{ADMIN_SOCKET}",
            "origins": [_ADMIN_HOST],
            "config": {"persist": False},
        },
        # Of requests nothing is written: clients that go away are no news.
        "logging": {"logs": {"default": {"level": "ERROR", "exclude": ["http"]}}},
        "storage": {"module": "file_system", "root": "data"},
        "apps": {
            "http": {"servers": {"homeport": server}},
            "tls": {
                "certificates": {"load_files": [_file(each) for each in secured]},
                "disable_ocsp_stapling": True,
            },
        },
    }


_NOBODY: dict[str, object] = {"handle": [{"handler": "static_response", "status_code": 421}]}


def _file(secured: Secured) -> dict[str, object]:
    return {
        "certificate": secured.pem_path,
        "key": secured.pem_path,
        "tags": [secured.tag],
        "format": "pem",
    }


def _policy(secured: Secured) -> dict[str, object]:
    # A certificate that was replaced stays in Caddy's store while connections with it are open,
    # and would be chosen on.
    return {
        "match": {"sni": [secured.host]},
        "certificate_selection": {"any_tag": [secured.tag]},
        "alpn": ["h2", "http/1.1"],
    }


def _route(host: str, gateway_port: int) -> dict[str, object]:
    # A handler for each host has connections of its own to the gateway, which looks at the first
    # Host of a connection only: two hosts must never share one.
    return {
        "match": [{"host": [host]}],
        "handle": [_handler(gateway_port)],
        "terminal": True,
    }


def _handler(gateway_port: int) -> dict[str, object]:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{gateway_port}"}],
        "transport": {
            "protocol": "http",
            "compression": False,
            "keep_alive": _KEEP_ALIVE,
        },
        "headers": {
            "request": {"set": _FORWARDED, "delete": ["Forwarded", "X-Forwarded-Port", "Via"]},
            "response": {"delete": ["Via"]},
        },
    }


_FORWARDED: Mapping[str, list[str]] = {
    "X-Forwarded-For": ["127.0.0.1"],
    "X-Forwarded-Proto": ["https"],
    "X-Forwarded-Host": ["{http.request.hostport}"],
}


def load_request(config: Mapping[str, object]) -> bytes:
    """Asks a Caddy that runs to become this; streams that are open go on."""
    body = json.dumps(config).encode("ascii")
    head = (
        f"POST /load HTTP/1.1\r\nHost: {_ADMIN_HOST}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def is_loaded(answer: bytes) -> bool:
    """Whether Caddy says that it has become what it was asked to be."""
    words = answer[:64].split(b" ", 2)
    return len(words) == 3 and words[0].startswith(b"HTTP/1.") and words[1] == b"200"
