"""Python's own ssl module, as urllib and asyncio use it: the store of the OpenSSL that it has."""

from __future__ import annotations

from homeport.host.programs import in_path, this_python
from homeport.run.trust.contract import Attempt, Client, Trial

_CODE = """\
import socket, ssl, sys
host, port = sys.argv[1], int(sys.argv[2])
context = ssl.create_default_context()
with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
    with context.wrap_socket(plain, server_hostname=host) as secured:
        secured.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
        secured.recv(1)
"""


def _attempt(trial: Trial) -> Attempt:
    program = in_path("python3") or this_python()
    return Attempt((program, "-c", _CODE, trial.host, str(trial.port)))


CLIENT = Client("python", "Python", _attempt, heeds=("SSL_CERT_FILE",), store="system", rank=20)
