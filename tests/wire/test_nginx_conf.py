"""nginx's configuration, as far as it says where requests go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.nginx_conf import parse_nginx, passed

if TYPE_CHECKING:
    from collections.abc import Sequence

CONF = r"""
http {  # a comment; with { a brace
    client_max_body_size 5m;
    upstream app { server 127.0.0.1:9001 weight=2; server unix:/run/app.sock; }
    log_format x '{ "a": "$uri" }';
    server {
        listen 127.0.0.1:8080 default_server;
        listen [::1]:8081;
        location / { proxy_pass http://app; }
        location /api/ { client_max_body_size 1m; proxy_pass http://localhost:9002/x/; }
        location = /api/exact { proxy_pass http://10.0.0.1; }
        location ~* \.php$ { fastcgi_pass unix:/run/php.sock; }
        location /ws { proxy_set_header Upgrade $http_upgrade; proxy_pass http://app; }
        location /var { proxy_pass http://$host; }
        location /files { root /srv; }
    }
    server { listen 8082; include more/*.conf; }
}
"""


def no_files(_: str) -> Sequence[tuple[str, str]]:
    return ()


def places(path: str, port: int = 8080, text: str = CONF) -> list[str]:
    return [each.place for each in passed(parse_nginx(text, "nginx.conf", no_files), port, path)]


def test_the_location_decides_where_a_path_goes() -> None:
    assert places("/") == ["127.0.0.1:9001", "/run/app.sock"]
    assert places("/", port=8081) == ["127.0.0.1:9001", "/run/app.sock"]
    assert places("/api/users?x=1") == ["localhost:9002"]
    assert places("/api/exact") == ["10.0.0.1:80"]
    assert places("/index.PHP") == ["/run/php.sock"]
    assert places("/var") == places("/files") == places("/", port=9) == []


def test_limit_upgrade_and_place_are_told() -> None:
    directives = parse_nginx(CONF, "nginx.conf", no_files)
    (api,) = passed(directives, 8080, "/api/")
    assert (api.body_limit, api.upgrades, api.where) == ("1m", False, "nginx.conf:10")
    assert all(each.upgrades for each in passed(directives, 8080, "/ws"))


def test_included_files_are_read_and_a_circle_ends() -> None:
    def included(pattern: str) -> Sequence[tuple[str, str]]:
        inner = "location / { proxy_pass http://[::1]:9003; } include again;"
        return [("more/a.conf", inner if pattern.startswith("more") else "include again;")]

    found = passed(parse_nginx(CONF, "nginx.conf", included), 8082, "/")
    assert [(each.place, each.where) for each in found] == [("[::1]:9003", "more/a.conf:1")]


@given(st.text(alphabet="{};\"'\\ \n#ab$", max_size=300))
def test_anything_is_survived(text: str) -> None:
    for each in (text, f"http {{ server {{ listen 8080; {text}", CONF + text):
        passed(parse_nginx(each, "nginx.conf", no_files), 8080, "/a")


def test_deep_nesting_is_survived() -> None:
    assert places("/", text="http {" * 10_000) == []
