from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.run.recipes.web import found_service, project, running
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("documents", ["", "public/"])
def test_it_serves_its_page_under_a_hold_and_on_loopback_only(
    tmp_path: Path, documents: str
) -> None:
    need("php", package="php-cli")
    project(tmp_path, {f"{documents}index.php": "<?php echo 'hello ' . 'from php';"})
    with running(found_service(tmp_path)) as service:
        assert "hello from php" in service.get().text
        listening = {(each.endpoint.address, each.endpoint.port) for each in service.listeners()}
        assert listening == {("127.0.0.1", service.place.port)}
