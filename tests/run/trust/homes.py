"""A home directory to throw away, and a machine whose system store may be changed without harm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.support import need

if TYPE_CHECKING:
    from collections.abc import Mapping

HEEDED = (
    "NODE_EXTRA_CA_CERTS",
    "DENO_CERT",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)

_LAYERS = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
for place in /etc /usr/local/share/ca-certificates; do
  upper=$1/upper$place work=$1/work$place
  mkdir -p "$upper" "$work"
  mount -t overlay overlay -o "lowerdir=$place,upperdir=$upper,workdir=$work" "$place"
done
shift
exec "$@"
"""


class Home(NamedTuple):
    """A home directory with nothing in it, and the environment that leads there."""

    path: Path
    env: dict[str, str]

    @property
    def state(self) -> Path:
        """Where the authority and the record lie."""
        return self.path / "state" / "homeport"

    @property
    def root(self) -> Path:
        """The authority's certificate."""
        return self.state / "ca" / "root.pem"

    def files(self) -> set[str]:
        """All that is in it, but for the directories of Homeport's own and their locks."""
        found = {str(path.relative_to(self.path)) for path in self.path.rglob("*")}
        return {name for name in found if name.split("/")[0] not in {"runtime", "cache", "state"}}


def make_home(path: Path) -> Home:
    """A new home."""
    env = {"HOME": str(path)}
    for variable, name in (
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "runtime"),
    ):
        (path / name).mkdir(mode=0o700)
        env[variable] = str(path / name)
    env["XDG_DATA_HOME"] = str(path / ".local" / "share")
    env["XDG_CONFIG_HOME"] = str(path / ".config")
    return Home(path, env)


def move_in(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lives there for the length of a test, and was told to trust nobody."""
    for name in HEEDED:
        monkeypatch.delenv(name, raising=False)
    for name, value in home.env.items():
        monkeypatch.setenv(name, value)


def make_database(directory: Path) -> str:
    """An NSS database with nothing in it; the path of certutil."""
    certutil = need("certutil", package="libnss3-tools")
    directory.mkdir(parents=True, exist_ok=True)
    argv = [certutil, "-N", "-d", f"sql:{directory}", "--empty-password"]
    subprocess.run(argv, check=True, capture_output=True)
    return certutil


def make_profile(home: Home) -> Path:
    """A profile of Firefox, as its first start would make it."""
    firefox = home.path / ".mozilla" / "firefox"
    make_database(firefox / "abc.default")
    (firefox / "profiles.ini").write_text(
        "[Install4F96D1932A9F858E]\nDefault=abc.default\nLocked=1\n\n"
        "[Profile0]\nName=default\nIsRelative=1\nPath=abc.default\n\n[General]\nVersion=2\n"
    )
    return firefox / "abc.default"


def nicknames(directory: Path) -> list[str]:
    """What certutil lists: names and trust flags."""
    certutil = need("certutil", package="libnss3-tools")
    argv = [certutil, "-L", "-d", f"sql:{directory}"]
    told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return [" ".join(line.split()) for line in told.splitlines() if "Homeport" in line]


def _untold() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in HEEDED}


def on_own_machine(
    tmp_path: Path, script: str, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Runs a shell script where /etc and the system's store are layers of our own, then gone.

    `homeport` is on its PATH. Needs root, and a kernel that allows it.
    """
    if os.geteuid() != 0:
        pytest.skip("needs root: a mount namespace")
    unshare = need("unshare", package="util-linux")
    layers = tmp_path / "layers"
    layers.mkdir()
    argv = [unshare, "-m", "sh", "-c", _LAYERS, "sh", str(layers), "bash", "-e", "-c", script]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin:/sbin"
    done = subprocess.run(
        argv,
        env={**_untold(), **env, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    if "mount: " in done.stderr and "permission denied" in done.stderr:
        pytest.skip(f"this machine allows no mount namespace: {done.stderr.strip()}")
    return done
