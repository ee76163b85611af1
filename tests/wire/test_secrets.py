"""Secrets in command lines and in text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.secrets import masked, masked_words

SECRET = "hunter2-correct-horse"


@pytest.mark.parametrize(
    "argv",
    [
        ["app", f"postgresql://shop:{SECRET}@localhost/db"],
        ["app", f"--url=redis://:{SECRET}@localhost:6379/0"],
        ["app", f"https://{SECRET}@sentry.example/1"],
        ["app", f"--password={SECRET}"],
        ["app", "--password", SECRET],
        ["app", "-password", SECRET],
        ["app", f"--db-password={SECRET}", "--port=1"],
        ["app", "--api-key", SECRET],
        ["app", f"--apikey={SECRET}"],
        ["app", f"--client_secret={SECRET}"],
        ["app", f"--auth-token={SECRET}"],
        ["redis-server", "--requirepass", SECRET],
        ["env", f"PGPASSWORD={SECRET}", "psql"],
        ["env", f"AWS_SECRET_ACCESS_KEY={SECRET}", "app"],
        ["mysqld_safe", "-uroot", f"-p{SECRET}"],
        ["/usr/bin/mariadb", f"-p{SECRET}"],
        ["psql", f"host=x password={SECRET} port=1"],
        ["psql", f"host=x password='{SECRET} more' port=1"],
        ["curl", f"http://x/?token={SECRET}&y=1"],
        ["curl", "-H", f"Authorization: Bearer {SECRET}"],
        ["java", f"-Ddb.password={SECRET}", "-jar", "x.jar"],
        ["sh", "-c", f"serve --password {SECRET} --port 1"],
        ["sh", "-c", f"exec mysqld_safe -u root -p{SECRET}"],
        ["app", f'{{"password": "{SECRET}"}}'],
        ["app", f"shop:{SECRET}@tcp(db:3306)/shop"],
        ["app", "--jwt", SECRET],
        ["app", f"--session-key={SECRET}"],
        ["app", f"ghp_{SECRET.replace('-', '')}{'0' * 36}"],
        ["app", f"sk-proj-{SECRET}-{'0' * 36}"],
        ["app", f"eyJhbGciOiJIUzI1NiJ9.{SECRET}.x"],
        ["sshpass", "-p", SECRET, "ssh", "-L", "8080:db:80", "host"],
        ["/usr/bin/sshpass", f"-p{SECRET}", "ssh"],
        ["curl", "--user", f"shop:{SECRET}", "http://x"],
        ["curl", f"--user=shop:{SECRET}", "http://x"],
        ["app", f"postgres://bob:a/b{SECRET}@h/db"],
        ["app", f"postgres://bob:p@ss{SECRET}@h/db"],
        ["app", f"postgres://bob:p@s/s{SECRET}@127.0.0.1:5432/db"],
        ["app", f"bob:p@s/s{SECRET}@tcp(db:3306)/shop"],
        ["app", "--db-pass", SECRET],
        ["app", "--pg-pass", SECRET],
        ["app", f"--dbPass={SECRET}"],
        ["env", f"DB_PASS={SECRET}"],
        ["env", f"PGPASSWORD=x;y,z&{SECRET}"],
    ],
)
def test_a_secret_is_masked(argv: list[str]) -> None:
    kept = masked_words(argv)
    assert SECRET not in " ".join(kept)
    assert "hunter2" not in " ".join(kept)
    assert "***" in " ".join(kept)
    assert len(kept) == len(argv)


@pytest.mark.parametrize(
    "argv",
    [
        ["flask", "run", "--port", "8000"],
        ["postgres", "-D", "/var/lib/postgresql"],
        ["app", "--password-file", "/run/secrets/db"],
        ["app", "--token-file=/run/token"],
        ["server", "--max-tokens", "100"],
        ["server", "--tokenizer=bpe"],
        ["curl", "http://localhost:8000/path"],
        ["ssh", "git@example.org"],
        ["app", "--no-password", "--port", "1"],
        ["mkdir", "-p", "x"],
        ["mysqld", "--port=3306"],
        ["sh", "-c", "mkdir -p x; serve --password-file /run/x --no-password --port 1"],
        ["sshpass", "-e", "ssh"],
        ["nginx: worker process"],
        ["docker-proxy", "-host-ip", "::1", "-host-port", "80"],
        ["app", "sk-a-service-with-quite-a-long-name"],
        ["app", "127.0.0.1:8000", "user@host:22", "a:b"],
        ["app", "http://localhost:3000/@vite/client", "localhost:3000/@vite/client"],
        ["app", "--bypass", "8000", "--compass=north", "--pass-through", "x"],
        ["app", "--token-url", "http://localhost:8000/token"],
        ["curl", "--user-agent", "me", "http://x"],
        [],
    ],
)
def test_what_is_no_secret_stays(argv: list[str]) -> None:
    assert masked_words(argv) == tuple(argv)


def test_the_rest_of_a_word_stays_readable() -> None:
    assert masked_words(["x", f"--url=postgresql://shop:{SECRET}@db.example/shop"])[1] == (
        "--url=postgresql://shop:***@db.example/shop"
    )


@pytest.mark.parametrize(
    "text",
    [
        f"app: ghp_{SECRET.replace('-', '')}{'0' * 36} refused",
        "app: AKIAHUNTER2CORRECT00 refused",
        f"app: eyJhbGciOiJIUzI1NiJ9.{SECRET}.x refused",
        f"app: sk-proj-{SECRET}-{'0' * 36} refused",
        f"app --password {SECRET} --port 8000",
        f"app --token {SECRET}",
        f"app --db-pass {SECRET}",
        f"pass={SECRET}",
        f"DB_PASS={SECRET} app",
        f"curl -u bob:{SECRET} http://localhost:8000: refused",
        f"curl -s -ubob:{SECRET} -U x:{SECRET} http://localhost:8000",
        f"mysql -h localhost -p{SECRET} shop",
        f"sshpass -p {SECRET} ssh host",
        f"Command '['app', '--password', '{SECRET}']' failed",
        rf"{{\"password\": \"{SECRET}\"}}",
        f"'password' => '{SECRET} more'",
        f"postgres://bob:p@s/s{SECRET}@127.0.0.1:5432/db",
        f"Authorization: token {SECRET}",
    ],
)
def test_a_secret_in_a_text_is_masked(text: str) -> None:
    assert SECRET not in masked(text)
    assert "hunter2" not in masked(text).lower()
    assert "***" in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:3000/@vite/client",
        "https://registry.example/@scope/pkg",
        "Unexpected token 127.0.0.1:8000",
        "proxy_pass http://localhost:8000;",
        "curl: (7) Failed to connect to localhost port 8000",
        "docker run -p 8000:80 nginx",
        "--token-endpoint http://localhost:8000/token",
    ],
)
def test_a_text_without_a_secret_stays(text: str) -> None:
    assert masked(text) == text


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_command_line_keeps_its_words(argv: list[str]) -> None:
    assert len(masked_words(argv)) == len(argv)


@pytest.mark.slow
@pytest.mark.parametrize(
    "word",
    [
        "a" * 130_000,
        "password" * 16_000,
        "a." * 65_000,
        "x://:" * 26_000,
        "token " * 20_000,
        "password" + " " * 130_000,
        "=" * 130_000,
        "http://" + "a" * 130_000,
        "--password " * 12_000,
        "mysql x " * 16_000,
        "eyJ" * 43_000,
        "sk-" * 43_000,
        "a:b" * 43_000,
        "a:b@" * 32_000,
        "x://a:b/" * 16_000,
        "x://a:@" * 18_000,
        "curl " * 26_000,
        "curl -u " * 16_000,
        "pass=" * 26_000,
        'pass="' * 21_000,
        "pass" * 32_000,
    ],
)
def test_a_hostile_word_costs_no_time(word: str) -> None:
    before = time.process_time()
    masked_words(["x", word, word])
    assert time.process_time() - before < 3
