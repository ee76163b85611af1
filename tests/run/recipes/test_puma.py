from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.run.recipes.web import commanded, found_service, launched, project, running
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.model.service import Service

FILES = {
    "config.ru": 'run ->(environment) { [200, {}, ["hello from rack"]] }\n',
    "config/puma.rb": 'bind "tcp://0.0.0.0:8077"\nport ENV.fetch("PORT", 8078), "0.0.0.0"\n',
}


def _serves(service: Service) -> None:
    with running(service) as started:
        assert started.get().text == "hello from rack"
        listening = {(each.endpoint.address, each.endpoint.port) for each in started.listeners()}
        assert listening == {("127.0.0.1", started.place.port)}


def test_it_serves_under_a_hold_and_on_loopback_only(tmp_path: Path) -> None:
    need("puma", package="puma")
    service = found_service(project(tmp_path, FILES))
    assert service.recipe == "puma"
    _serves(service)


@pytest.mark.slow
def test_the_gems_of_the_project_are_used(tmp_path: Path) -> None:
    need("puma", package="puma")
    bundle = need("bundle", package="ruby-bundler")
    gemfile = 'source "https://rubygems.org"\ngem "puma"\n'
    project(tmp_path, {**FILES, "Gemfile": gemfile})
    local = [bundle, "install", "--local"]
    subprocess.run(local, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    service = found_service(tmp_path)
    assert launched(service).argv[:3] == (bundle, "exec", "puma")
    _serves(service)
    _serves(commanded(tmp_path, "bundle exec puma -p $PORT"))


@pytest.mark.parametrize(
    "line", ["puma", "puma -C config/puma.rb -p $PORT", "puma -b tcp://0.0.0.0:$PORT --port=8080"]
)
def test_a_command_line_that_runs_it_is_told_the_port(tmp_path: Path, line: str) -> None:
    need("puma", package="puma")
    _serves(commanded(project(tmp_path, FILES), line))
