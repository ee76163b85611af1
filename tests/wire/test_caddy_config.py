"""What Caddy is told to be; that it becomes that is seen in tests/run/gateway/test_http2.py."""

from __future__ import annotations

import json
from typing import Any

from homeport.wire.caddy_config import Secured, caddy_config, is_loaded, load_request

HOSTS = [
    Secured("web.shop.localhost", "/ca/web.pem", "w"),
    Secured("api.shop.localhost", "/ca/api.pem", "a"),
]


def server(config: Any) -> Any:
    return config["apps"]["http"]["servers"]["homeport"]


def test_it_listens_on_unix_sockets_alone() -> None:
    config: Any = caddy_config(HOSTS, 62893, 7)
    assert server(config)["listen"] == ["unix/tls-7.sock"]
    assert config["admin"]["listen"] == "unix/admin.sock"
    assert server(config)["automatic_https"] == {"disable": True}
    assert server(config)["protocols"] == ["h1", "h2"]


def test_each_host_has_its_certificate_and_connections_of_its_own() -> None:
    config: Any = caddy_config(HOSTS, 62893, 7)
    files = config["apps"]["tls"]["certificates"]["load_files"]
    assert [(each["certificate"], each["key"], each["tags"]) for each in files] == [
        ("/ca/api.pem", "/ca/api.pem", ["a"]),
        ("/ca/web.pem", "/ca/web.pem", ["w"]),
    ]
    policies = server(config)["tls_connection_policies"]
    assert [(each["match"], each["certificate_selection"]) for each in policies] == [
        ({"sni": ["api.shop.localhost"]}, {"any_tag": ["a"]}),
        ({"sni": ["web.shop.localhost"]}, {"any_tag": ["w"]}),
    ]
    *routes, last = server(config)["routes"]
    assert [route["match"] for route in routes] == [
        [{"host": ["api.shop.localhost"]}],
        [{"host": ["web.shop.localhost"]}],
    ]
    for route in routes:
        (handler,) = route["handle"]
        assert handler["upstreams"] == [{"dial": "127.0.0.1:62893"}]
    assert last["handle"] == [{"handler": "static_response", "status_code": 421}]


def test_what_a_client_says_of_its_origin_is_not_passed_on() -> None:
    config: Any = caddy_config(HOSTS, 62893, 7)
    fields = server(config)["routes"][0]["handle"][0]["headers"]["request"]
    assert fields["set"]["X-Forwarded-Proto"] == ["https"]
    assert {"X-Forwarded-For", "X-Forwarded-Host"} < set(fields["set"])
    assert {"Forwarded", "X-Forwarded-Port"} < set(fields["delete"])


def test_the_same_hosts_make_the_same_configuration() -> None:
    assert caddy_config(HOSTS, 1, 7) == caddy_config(HOSTS[::-1], 1, 7)


def test_a_configuration_is_sent_whole() -> None:
    config = caddy_config(HOSTS, 1, 7)
    head, _, body = load_request(config).partition(b"\r\n\r\n")
    assert head.startswith(b"POST /load HTTP/1.1\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == config


def test_only_200_means_that_it_is_loaded() -> None:
    assert is_loaded(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    for answer in (
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"200",
        b"SSH-2.0 200 x",
        b"HTTP/1.1 ",
    ):
        assert not is_loaded(answer)
