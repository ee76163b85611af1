"""Where a redirect leads, and what is a login or a stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.http1 import Response, read_response
from homeport.wire.service_url import parse_service
from homeport.wire.web_answer import is_login, is_stream, location

SERVICE = parse_service("http://localhost:8000/a/b")


def redirect(to: str, status: int = 302) -> Response:
    return Response("1.1", status, "Found", {"location": to}, b"", complete=True)


@pytest.mark.parametrize(
    ("to", "url", "elsewhere", "same_port"),
    [
        ("/c?x=1", "http://localhost:8000/c?x=1", False, True),
        ("c", "http://localhost:8000/a/c", False, True),
        ("https://localhost:8000/", "https://localhost:8000/", True, True),
        ("https://localhost/", "https://localhost/", True, False),
        ("//example.com/", "http://example.com/", True, False),
    ],
)
def test_where_a_redirect_leads(to: str, url: str, *, elsewhere: bool, same_port: bool) -> None:
    found = location(redirect(to), SERVICE, "/a/b")
    assert found is not None
    assert (found.url, found.elsewhere, found.same_port) == (url, elsewhere, same_port)


@pytest.mark.parametrize("to", ["http://[::1/", "http://a:99999/", "mailto:a@b", "/a\r\nX: y z"])
def test_what_leads_nowhere(to: str) -> None:
    found = location(redirect(to), SERVICE, "/")
    assert found is None or "\r" not in found.path


def test_no_redirect_leads_anywhere() -> None:
    assert location(redirect("/a", status=200), SERVICE, "/") is None
    assert location(redirect("/a", status=304), SERVICE, "/") is None


@pytest.mark.parametrize(
    "path", ["/login", "/accounts/login/?next=/", "/users/sign_in", "/lab/auth"]
)
def test_logins(path: str) -> None:
    assert is_login(path)


@pytest.mark.parametrize("path", ["/", "/blog/in", "/authors", "/catalog", "/?next=/login"])
def test_no_logins(path: str) -> None:
    assert not is_login(path)


def test_events_are_a_stream() -> None:
    events = read_response(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    assert events is not None
    assert is_stream(events)


@given(st.text(max_size=100))
def test_anything_is_survived(to: str) -> None:
    location(redirect(to), SERVICE, "/a")
    is_login(to)
