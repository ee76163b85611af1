from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from homeport.run.recipes import catalog
from tests.run.recipes.web import commanded, found_service, place_of, project, running
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.model.service import Service

FILES = {
    "bin/rails": """#!/usr/bin/env ruby
APP_PATH = File.expand_path("../config/application", __dir__)
require "rails/commands"
""",
    "config/application.rb": """
require "rails"
require "action_controller/railtie"
class Shop < Rails::Application
  config.eager_load = false
  config.secret_key_base = "only for a test"
  config.logger = Logger.new($stdout)
  page = ->(environment) { [200, { "Content-Type" => "text/plain" }, ["hello from rails"]] }
  routes.append { root to: page }
end
""",
    "config/environment.rb": 'require_relative "application"\nShop.initialize!\n',
    "config/puma.rb": 'bind "tcp://0.0.0.0:8077"\nport 8078, "0.0.0.0"\n',
    "config.ru": 'require_relative "config/environment"\nrun Rails.application\n',
}


def _application(directory: Path) -> Path:
    need("rails", package="ruby-railties")
    need("puma", package="puma")
    project(directory, FILES)
    (directory / "bin" / "rails").chmod(0o755)
    (directory / ".data").mkdir()
    return directory


def _serves(service: Service) -> None:
    with running(service) as started:
        answer = started.get(host="shop.localhost:62893")
        assert "hello from rails" in answer.text
        listening = {(each.endpoint.address, each.endpoint.port) for each in started.listeners()}
        assert listening == {("127.0.0.1", started.place.port)}


@pytest.mark.slow
def test_it_serves_under_a_hold_and_on_loopback_only(tmp_path: Path) -> None:
    service = found_service(_application(tmp_path))
    assert service.recipe == "rails"
    # As after a crash, and a number that somebody else has now.
    project(tmp_path, {"tmp/pids/server.pid": str(os.getppid())})
    _serves(service)
    assert (tmp_path / "tmp" / "pids" / "server.pid").read_text() == str(os.getppid())


@pytest.mark.slow
@pytest.mark.parametrize("line", ["bin/rails s -p 3000 -b 0.0.0.0", "rails server"])
def test_a_command_line_that_runs_it_is_told_the_port(tmp_path: Path, line: str) -> None:
    _serves(commanded(_application(tmp_path), line))


def test_it_is_told_its_names_at_the_gateway(tmp_path: Path) -> None:
    need("ruby", package="ruby-railties")
    project(tmp_path, FILES)
    service = found_service(tmp_path)._replace(names=("shop",))
    place = place_of(service)._replace(url="http://web.shop.localhost:62893")
    env = dict(catalog()["rails"].launch(place).env)
    assert env["RAILS_DEVELOPMENT_HOSTS"] == "web.shop.localhost,shop.localhost"
