"""Upstreams in a Caddyfile and a haproxy.cfg."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.caddy_conf import caddy_upstreams, haproxy_upstreams, upstream_address

CADDYFILE = """
localhost {
    reverse_proxy /api/* localhost:9001 :9002
    reverse_proxy {
        to http://127.0.0.1:9003 h2c://[::1]:9004
    }
    # reverse_proxy :1
    respond hello
}
"""


def test_upstreams_of_a_caddyfile() -> None:
    found = list(caddy_upstreams(CADDYFILE))
    assert found == [
        (3, "localhost:9001"),
        (3, "localhost:9002"),
        (5, "127.0.0.1:9003"),
        (5, "[::1]:9004"),
    ]


def test_servers_of_haproxy() -> None:
    text = "backend app\n  server one 127.0.0.1:9001 check\n  server two /run/a.sock\n"
    assert list(haproxy_upstreams(text)) == [(2, "127.0.0.1:9001")]


def test_what_is_no_address_is_none() -> None:
    assert upstream_address("localhost:70000") is None
    assert upstream_address("{env.HOST}:80") is None


@given(st.text(max_size=200))
def test_anything_is_survived(text: str) -> None:
    list(caddy_upstreams(f"reverse_proxy {text}"))
    list(haproxy_upstreams(f"server a {text}"))
