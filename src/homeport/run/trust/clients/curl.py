"""curl, which reads the system's bundle."""

from __future__ import annotations

from homeport.host.programs import in_path
from homeport.run.trust.contract import Attempt, Client, Trial


def _attempt(trial: Trial) -> Attempt | None:
    program = in_path("curl")
    if program is None:
        return None
    there = f"{trial.host}:{trial.port}:127.0.0.1"
    # -q: no ~/.curlrc, in which somebody may have said `insecure`.
    options = ("-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "10")
    return Attempt((program, *options, "--resolve", there, trial.url))


CLIENT = Client("curl", "curl", _attempt, heeds=("CURL_CA_BUNDLE",), store="system", rank=10)
