"""Proxies by variables, as curl(1) and its like read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.proxies import bypassed, proxy_for


@pytest.mark.parametrize(
    ("scheme", "environment", "found"),
    [
        ("http", {}, None),
        ("http", {"http_proxy": "http://p:1"}, ("http_proxy", "http://p:1")),
        ("http", {"HTTP_PROXY": "p:1"}, ("HTTP_PROXY", "p:1")),
        ("http", {"http_proxy": "a", "HTTP_PROXY": "b"}, ("http_proxy", "a")),
        ("http", {"https_proxy": "p"}, None),
        ("https", {"HTTPS_PROXY": "p"}, ("HTTPS_PROXY", "p")),
        ("http", {"all_proxy": "p"}, ("all_proxy", "p")),
        ("https", {"ALL_PROXY": "socks5://p"}, ("ALL_PROXY", "socks5://p")),
        ("http", {"http_proxy": "", "all_proxy": "p"}, ("all_proxy", "p")),
        ("ws", {"http_proxy": "p"}, ("http_proxy", "p")),
        ("wss", {"https_proxy": "p"}, ("https_proxy", "p")),
        ("wss", {"http_proxy": "p"}, None),
    ],
)
def test_which_variable_decides(
    scheme: str, environment: dict[str, str], found: tuple[str, str] | None
) -> None:
    assert proxy_for(scheme, environment) == found


@pytest.mark.parametrize(
    ("excepted", "host"),
    [
        ("*", "anything"),
        ("localhost", "localhost"),
        ("LOCALHOST", "localhost"),
        ("localhost", "LocalHost."),
        ("a, localhost ,b", "localhost"),
        (".shop.localhost", "api.shop.localhost"),
        ("shop.localhost", "api.shop.localhost"),
        (".shop.localhost", "shop.localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.0/8", "127.3.2.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[::1]:8000", "::1"),
        ("fd00::/8", "fd12::1"),
        ("localhost:8000", "localhost"),
    ],
)
def test_what_is_excepted(excepted: str, host: str) -> None:
    assert bypassed(host, 8000, {"no_proxy": excepted})


@pytest.mark.parametrize(
    ("excepted", "host"),
    [
        ("", "localhost"),
        (",,", "localhost"),
        ("host", "localhost"),
        ("shop.localhost", "xshop.localhost"),
        ("localhost:9000", "localhost"),
        ("[::1]:9000", "::1"),
        ("10.0.0.0/8", "127.0.0.1"),
        ("10.0.0.0/99", "10.0.0.1"),
        ("fd00::/8", "127.0.0.1"),
        ("127.0.0", "127.0.0.1"),
        (".", "localhost"),
        ("[]", ""),
    ],
)
def test_what_is_not(excepted: str, host: str) -> None:
    assert not bypassed(host, 8000, {"no_proxy": excepted})


def test_the_variable_in_capitals_counts_where_there_is_no_other() -> None:
    assert bypassed("x", 1, {"NO_PROXY": "x"})
    assert not bypassed("x", 1, {"no_proxy": "y", "NO_PROXY": "x"})
    assert not bypassed("x", 1, {})


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_text_is_too_odd(excepted: str, host: str) -> None:
    assert bypassed(host, 80, {"no_proxy": excepted}) in (True, False)
    assert bypassed(host, 80, {"no_proxy": f"{host}:{excepted}"}) in (True, False)
