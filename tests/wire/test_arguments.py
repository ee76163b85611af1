"""Secrets in command lines."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.arguments import masked

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
    ],
)
def test_a_secret_is_masked(argv: list[str]) -> None:
    kept = masked(argv)
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
        [],
    ],
)
def test_what_is_no_secret_stays(argv: list[str]) -> None:
    assert masked(argv) == tuple(argv)


def test_the_rest_of_a_word_stays_readable() -> None:
    assert masked(["x", f"--url=postgresql://shop:{SECRET}@db.example/shop"])[1] == (
        "--url=postgresql://shop:***@db.example/shop"
    )


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_command_line_keeps_its_words(argv: list[str]) -> None:
    assert len(masked(argv)) == len(argv)


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
    ],
)
def test_a_hostile_word_costs_no_time(word: str) -> None:
    before = time.process_time()
    masked(["x", word, word])
    assert time.process_time() - before < 3
