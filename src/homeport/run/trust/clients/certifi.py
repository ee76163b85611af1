"""Python packages that bring a bundle of their own, certifi: requests, httpx and what uses them.

Nobody else should change that bundle; the environment names another one.
"""

from __future__ import annotations

from homeport.host.programs import in_path, this_python
from homeport.run.trust.contract import Attempt, Client, Trial

# The name is not known to every resolver: the connection goes to 127.0.0.1.
_CODE = """\
import socket, sys
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more)
try:
    import requests
except ImportError:
    import os, ssl, certifi, http.client
    bundle = os.environ.get("SSL_CERT_FILE") or certifi.where()
    context = ssl.create_default_context(cafile=bundle)
    asked = http.client.HTTPSConnection(sys.argv[1], int(sys.argv[2]), timeout=10, context=context)
    asked.request("GET", "/")
    asked.getresponse()
else:
    requests.get(sys.argv[3], timeout=10)
"""


def _attempt(trial: Trial) -> Attempt:
    program = in_path("python3") or this_python()
    argv = (program, "-c", _CODE, trial.host, str(trial.port), trial.url)
    return Attempt(argv, absent="No module named 'certifi'")


CLIENT = Client(
    "certifi",
    "Python's requests and httpx (certifi)",
    _attempt,
    heeds=("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
    rank=21,
)
