"""Certificates of authorities that lie about on this machine, trusted or not.

Where development tools keep theirs: Homeport itself, mkcert (CAROOT), Caddy, the directories of
ca-certificates; and beside the files that a server was started with.
"""

from __future__ import annotations

import glob
import os
from contextlib import suppress

from homeport.host.files import state_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_TOOLS = (
    "~/.local/share/mkcert/*.pem",
    "~/.local/share/caddy/pki/authorities/*/*.crt",
    "~/.step/certs/*.crt",
    "~/.mitmproxy/mitmproxy-ca-cert.pem",
    "~/.config/dev-cert*/*.pem",
    "/var/lib/caddy/.local/share/caddy/pki/authorities/*/*.crt",
    "/data/caddy/pki/authorities/*/*.crt",
    "/usr/local/share/ca-certificates/*.crt",
    "/etc/pki/ca-trust/source/anchors/*",
)
_ENDINGS = (".pem", ".crt", ".cer")
_LARGEST = 1 << 16
_MOST = 200
_LARGEST_STORE = 1 << 22


def trust_store(environment: Mapping[str, str]) -> tuple[str, bytes]:
    """The file of authorities that OpenSSL trusts for a client (SSL_CERT_FILE), and its content."""
    import ssl

    usual = ssl.get_default_verify_paths()
    path = environment.get("SSL_CERT_FILE") or usual.cafile or usual.openssl_cafile
    return path, _read(path, _LARGEST_STORE) or b""


def own_root() -> tuple[str, bytes]:
    """The file with the certificate of Homeport's own authority; nothing in it without one."""
    path = os.path.join(state_dir(), "ca", "root.pem")
    return path, _read(path, _LARGEST) or b""


def lying_about(
    environment: Mapping[str, str], beside: Iterable[str]
) -> Iterator[tuple[str, bytes]]:
    """Files with certificates: path and content, no private key among them is handed on."""
    places = [glob.escape(own_root()[0]), *map(os.path.expanduser, _TOOLS)]
    if environment.get("CAROOT"):
        places.insert(0, os.path.join(environment["CAROOT"], "*.pem"))
    found = [path for place in places for path in sorted(glob.glob(place))]
    for directory in dict.fromkeys(beside):
        with suppress(OSError):
            names = sorted(os.listdir(directory))[:_MOST]
            found += [os.path.join(directory, each) for each in names if each.endswith(_ENDINGS)]
    for path in dict.fromkeys(found):
        data = _read(path, _LARGEST)
        if data is not None and b"BEGIN CERTIFICATE" in data:
            yield path, data


def kept_by(pid: int, proc: str = "/proc") -> tuple[str, ...]:
    """Directories in which a server keeps the authority that it has made for itself (Caddy)."""
    variables = _read(f"{proc}/{pid}/environ", _LARGEST) or b""
    entries = (each.partition(b"=") for each in variables.split(b"\0"))
    found = {name: value for name, _, value in entries}
    home = found.get(b"XDG_DATA_HOME") or found.get(b"HOME", b"") + b"/.local/share"
    return (os.path.join(os.fsdecode(home), "caddy/pki/authorities/local"),)


def _read(path: str, most: int) -> bytes | None:
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            return file.read(most)
    except OSError:
        return None
