"""Chromium or what is made of it, without a window and with a home that is thrown away.

Only the user's store is copied into that.
"""

from __future__ import annotations

from homeport.host.kernel import user_id
from homeport.host.programs import in_path
from homeport.host.trials import make_directory
from homeport.run.trust import nss
from homeport.run.trust.chromium import BROWSERS, STORE
from homeport.run.trust.contract import Attempt, Client, Trial, at_home_in

_ALONE = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
)


def _attempt(trial: Trial) -> Attempt | None:
    program = next(filter(None, map(in_path, BROWSERS)), None)
    if program is None:
        return None
    own = STORE.places()
    files = nss.copied(own[0][0]) if own else {}
    make_directory(f"{trial.scratch}/.pki/nssdb", files)
    # Root has no sandbox to run in; what is loaded is our own page.
    sandbox = ("--no-sandbox",) if user_id() == 0 else ()
    only_here = f"--host-resolver-rules=MAP {trial.host} 127.0.0.1, MAP * ~NOTFOUND"
    place = f"--user-data-dir={trial.scratch}/profile"
    options = ("--headless", *sandbox, *_ALONE, only_here, "--no-proxy-server", place)
    argv = (program, *options, "--dump-dom", trial.url)
    return Attempt(argv, env=at_home_in(trial, program))


CLIENT = Client(
    "chromium",
    "Chromium or Chrome",
    _attempt,
    store="chromium",
    remedy="homeport trust, then start the browser again",
    rank=40,
)
