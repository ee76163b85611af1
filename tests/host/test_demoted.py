from __future__ import annotations

import os
import subprocess

import pytest

from homeport.host import demoted
from homeport.host.demoted import demotion, home_of, owner_of
from tests.support import NOBODY


def uid_of(prefix: tuple[str, ...]) -> str:
    argv = [*prefix, "id", "-u"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def test_an_ordinary_user_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert demotion() == ()
    assert home_of("/home/me/data", ()) == "/home/me/data"
    assert owner_of(()) is None


@pytest.mark.root
def test_root_is_nobody_in_a_namespace_and_keeps_its_files(tmp_path: os.PathLike[str]) -> None:
    if demoted._namespace() is None:
        pytest.skip("this machine allows no user namespace")
    prefix = demotion("daemon")
    assert uid_of(prefix) == str(NOBODY.uid)
    made = os.path.join(tmp_path, "made")
    subprocess.run([*prefix, "touch", made], check=True)
    assert os.stat(made).st_uid == 0
    assert home_of("/data", prefix) == "/data"
    assert owner_of(prefix) is None


@pytest.mark.root
def test_root_becomes_another_user_where_namespaces_are_not_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(demoted, "_namespace", lambda: None)
    assert uid_of(demotion("there is no such user")) == str(NOBODY.uid)
    prefix = demotion("there is no such user", "daemon")
    assert uid_of(prefix) == "1"
    assert owner_of(prefix) == "1:1"
    homes = {home_of(data, prefix) for data in ("/root/one", "/root/two", "/root/one")}
    assert len(homes) == 2
    assert all(home.startswith("/var/lib/homeport/") for home in homes)
