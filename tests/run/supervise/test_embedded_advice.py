"""What a program hears whose own service does not start: its last words, and what `check` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.api.running import start_service
from homeport.model.errors import HomeportError
from tests.support import leased_port

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_service_that_does_not_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, variable in (("run", "RUNTIME_DIR"), ("state", "STATE_HOME"), ("c", "CACHE_HOME")):
        (tmp_path / name).mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{variable}", str(tmp_path / name))
    port = leased_port()
    monkeypatch.setenv("HOMEPORT_PORT", str(leased_port()))
    says = f"echo 'connect ECONNREFUSED 127.0.0.1:{port}'; exit 3"
    declaration = f'[services.web]\nrun = "{says}"\nrestart = "never"\n'
    (tmp_path / "homeport.toml").write_text(declaration)
    with pytest.raises(HomeportError) as raised:
        start_service("web", directory=str(tmp_path))
    assert "ended with status 3" in raised.value.what
    assert f"check says: 127.0.0.1:{port}: nothing listens there" in (raised.value.why or "")
