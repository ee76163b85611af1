"""OpenSSL itself, and with it whatever uses it with its own store: Ruby, PHP, wget, git."""

from __future__ import annotations

from homeport.host.programs import in_path
from homeport.run.trust.contract import Attempt, Client, Trial

# s_client asks for nothing by itself; sh writes the question to it.
_SCRIPT = """printf 'GET / HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' "$2" | "$1" s_client -quiet \
-connect "127.0.0.1:$3" -servername "$2" -verify_hostname "$2" -verify_return_error"""


def _attempt(trial: Trial) -> Attempt | None:
    program = in_path("openssl")
    if program is None:
        return None
    argv = ("/bin/sh", "-c", _SCRIPT, "sh", program, trial.host, str(trial.port))
    return Attempt(argv, program=program)


CLIENT = Client("openssl", "OpenSSL", _attempt, heeds=("SSL_CERT_FILE",), store="system", rank=11)
