"""The files of real directories that say what should be there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from homeport.host.project_files import compose_file_with, declared_services

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = 'services:\n  web: {ports: ["8000:80"]}\n  db: {image: postgres}\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a directory below."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "shop").mkdir()
    return tmp_path


def found(directory: Path) -> list[tuple[str, str, str]]:
    declared, troubles = declared_services(str(directory))
    assert troubles == ()
    return [(each.name, each.target, each.source) for each in declared]


def test_a_directory_without_any(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_files_of_the_root_are_found_from_below(project: Path) -> None:
    (project / "compose.yaml").write_text(COMPOSE, encoding="ascii")
    (project / "shop" / ".env").write_text("PORT=8001\n", encoding="ascii")
    assert found(project / "shop") == [
        ("PORT", "127.0.0.1:8001", ".env"),
        ("web", "127.0.0.1:8000", "../compose.yaml"),
    ]


def test_settings_one_level_below(project: Path) -> None:
    text = 'DATABASES = {"default": {"ENGINE": "x.postgresql", "HOST": "localhost"}}\n'
    (project / "shop" / "settings.py").write_text(text, encoding="ascii")
    assert found(project) == [("default", "postgresql://localhost:5432", "shop/settings.py")]


def test_what_two_files_name_is_found_once(project: Path) -> None:
    (project / "compose.yaml").write_text(COMPOSE, encoding="ascii")
    (project / "Procfile").write_text("web: x --port 8000\n", encoding="ascii")
    assert [name for name, _, _ in found(project)] == ["web"]
    assert len(found(project)) == 1


def test_what_cannot_be_read_is_said_and_hides_nothing_else(project: Path) -> None:
    (project / "compose.yaml").write_text("services: [", encoding="ascii")
    (project / "homeport.toml").write_text('[services.a]\nurl = "x"\n', encoding="ascii")
    (project / ".env").write_text("PORT=8001\n", encoding="ascii")
    declared, troubles = declared_services(str(project))
    assert [each.name for each in declared] == ["PORT"]
    assert [each.split(":")[0] for each in troubles] == [
        "homeport.toml, a", "compose.yaml cannot be read",
    ]  # fmt: skip


def test_what_is_no_file_is_passed_over(project: Path) -> None:
    os.mkfifo(project / "Procfile")
    (project / "compose.yaml").mkdir()
    (project / ".env").symlink_to("/dev/zero")
    (project / "settings.py").symlink_to(project / "nowhere")
    (project / "homeport.toml").write_bytes(b"#" * (3 << 20))
    assert found(project) == []


def test_a_file_that_ends_within_a_line_is_large(project: Path) -> None:
    (project / ".env").write_bytes(b"PORT=8001\n" + b"A=b\n" * 500_000)
    assert found(project) == [("PORT", "127.0.0.1:8001", ".env")]


def test_the_compose_file_that_has_a_service(project: Path) -> None:
    (project / "docker-compose.yml").write_text(COMPOSE, encoding="ascii")
    (project / "compose.yaml").write_text("services: [", encoding="ascii")
    assert compose_file_with("db", str(project / "shop")) == str(project / "docker-compose.yml")
    assert compose_file_with("cache", str(project)) is None


def test_a_directory_that_there_is_not() -> None:
    assert declared_services("/no/such/directory") == ((), ())
    assert compose_file_with("db", "/no/such/directory") is None
