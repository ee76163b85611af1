from __future__ import annotations

import os
from pathlib import Path

import pytest

from homeport.model.errors import StateUnusable
from homeport.run.supervise.instance import instance_of, password_of


@pytest.mark.parametrize("open_to_others", ["file", "directory"])
def test_a_password_that_cannot_be_used_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_to_others: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    instance = instance_of("/src/shop", "shop")
    password = password_of(instance, "db")
    assert password_of(instance, "db") == password
    path = Path(instance.state_dir) / "passwords" / "db"
    where = path if open_to_others == "file" else path.parent
    where.chmod(where.stat().st_mode | 0o020)
    with pytest.raises(StateUnusable, match="not safe to use") as raised:
        password_of(instance, "db")
    assert raised.value.next_step is not None
    assert os.system(raised.value.next_step) == 0
    assert password_of(instance, "db") == password
