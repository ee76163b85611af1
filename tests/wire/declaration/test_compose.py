"""Compose files, as far as they run without containers."""

from __future__ import annotations

import textwrap
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.declaration.compose import image_name, services

if TYPE_CHECKING:
    from homeport.model.service import Service

IMAGES = {"postgres": "postgresql", "redis": "redis", "mysql": "mysql"}
OPTIONS = {"postgresql": ("version", "database", "user"), "redis": ("version",), "mysql": ()}

EXAMPLE = """
    services:
      web:
        build: .
        ports: ["8000:8000"]
        depends_on: [db, cache]
      db:
        image: docker.io/library/postgres:${PG:-16.2}-alpine
        environment:
          POSTGRES_DB: shop
          POSTGRES_USER: ${DB_USER:-ada}
          POSTGRES_PASSWORD: s3cret
        ports: ["5432:5432"]
      cache:
        image: bitnami/redis
        depends_on: {db: {condition: service_healthy}, web: {}}
      odd.name:
        image: redis:latest
      mail:
        image: axllent/mailpit:v1
      empty:
    """


def read(text: str) -> tuple[tuple[Service, ...], tuple[str, ...]]:
    data = textwrap.dedent(text).encode()
    return services(data, "compose.yaml", "/work/shop", IMAGES, OPTIONS)


def test_an_example() -> None:
    found, notes = read(EXAMPLE)
    assert [(each.name, each.recipe, each.needs, each.options) for each in found] == [
        ("db", "postgresql", (), (("database", "shop"), ("user", "ada"), ("version", "16.2"))),
        ("cache", "redis", ("db",), ()),
        ("odd-name", "redis", (), ()),
    ]
    assert found[0].source == "compose.yaml, db"
    assert notes == (
        (
            "web of compose.yaml is left out: it is built from a Dockerfile; "
            "say how it runs without one in homeport.toml"
        ),
        (
            "mail of compose.yaml is left out: no recipe stands in for the image axllent/mailpit; "
            "docker compose up mail runs it"
        ),
        "empty of compose.yaml is left out: it has no image",
        (
            "db of compose.yaml gets a port of its own, not the published one; "
            "homeport.toml can set it"
        ),
    )


@pytest.mark.parametrize(
    ("image", "name", "tag"),
    [
        ("redis", "redis", None),
        ("redis:7", "redis", "7"),
        ("library/redis:7-alpine", "redis", "7-alpine"),
        ("docker.io/library/redis", "redis", None),
        ("localhost:5000/redis", "redis", None),
        ("ghcr.io/acme/redis:7@sha256:00", "acme/redis", "7"),
        ("${REGISTRY:-docker.io}/valkey/valkey:8", "valkey/valkey", "8"),
        ("", "", None),
    ],
)
def test_images(image: str, name: str, tag: str | None) -> None:
    assert image_name(image) == (name, tag)


@pytest.mark.parametrize(
    ("environment", "options"),
    [
        ("[POSTGRES_DB=shop, POSTGRES_USER, 3]", (("database", "shop"),)),
        ("{POSTGRES_DB: 2024, POSTGRES_USER: true}", (("database", "2024"),)),
        ("{POSTGRES_DB: $DB, POSTGRES_USER: '${U}'}", ()),
        ("{POSTGRES_DB: a$$b}", (("database", "a$b"),)),
        ("{POSTGRES_DB: '', OTHER: x}", ()),
        ("x", ()),
        ("null", ()),
    ],
)
def test_variables(environment: str, options: tuple[tuple[str, str], ...]) -> None:
    found, _ = read(f"services: {{db: {{image: postgres, environment: {environment}}}}}")
    assert found[0].options == options


def test_aliases_do_not_explode() -> None:
    # A few hundred bytes that stand for ten to the eleventh.
    lines = ["x-0: &a0 [l, l, l, l, l, l, l, l, l, l]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    lines += ["services: {db: {image: redis, depends_on: *a11}}"]
    found, _ = read("\n".join(lines))
    assert [(each.name, each.needs) for each in found] == [("db", ())]


def test_names_that_make_one_label_are_one_service() -> None:
    found, notes = read("services: {a_b: {image: redis}, a-b: {image: redis}}")
    assert [each.name for each in found] == ["a_b"]
    assert len(notes) == 1


KEYS = st.sampled_from(["image", "build", "environment", "depends_on", "ports", "x"])
VALUES = st.sampled_from(["redis:7", "postgres", "[db]", "{db: x}", "null", "3", "[[1]]", "''"])


@given(entries=st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=3))
def test_any_services(entries: list[dict[str, str]]) -> None:
    lines = ["services:"]
    for number, entry in enumerate(entries):
        lines.append(f"  s{number}:")
        lines += [f"    {key}: {value}" for key, value in entry.items()]
    found, notes = read("\n".join(lines))
    assert len(found) + sum("left out" in note for note in notes) == len(entries)


@given(data=st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    with suppress(BrokenMessage):
        services(data, "compose.yaml", "/", IMAGES, OPTIONS)
