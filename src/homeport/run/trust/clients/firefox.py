"""Firefox without a window, with a profile that is thrown away and the store of the user's own.

The user's profile is only read: its database of certificates is copied. Whatever Firefox wants to
say to anybody else goes to a port at which nobody listens.
"""

from __future__ import annotations

from homeport.host.programs import in_path
from homeport.host.trials import make_directory
from homeport.run.trust import nss
from homeport.run.trust.contract import Attempt, Client, Trial, at_home_in
from homeport.run.trust.firefox import profiles

_PROGRAMS = ("firefox", "firefox-esr")


def _attempt(trial: Trial) -> Attempt | None:
    program = next(filter(None, map(in_path, _PROGRAMS)), None)
    if program is None:
        return None
    own = profiles()
    files = nss.copied(own[0]) if own else {}
    profile = make_directory(f"{trial.scratch}/profile", {"user.js": _preferences(trial), **files})
    options = ("--headless", "--no-remote", "--profile", profile)
    picture = ("--screenshot", f"{trial.scratch}/page.png")
    return Attempt((program, *options, *picture, trial.url), env=at_home_in(trial, program))


def _preferences(trial: Trial) -> bytes:
    from json import dumps

    address, _, port = trial.nowhere.rpartition(":")
    wanted: dict[str, object] = {
        "network.proxy.type": 1,
        "network.proxy.http": address,
        "network.proxy.http_port": int(port),
        "network.proxy.ssl": address,
        "network.proxy.ssl_port": int(port),
        "network.proxy.no_proxies_on": trial.host,
        "network.dns.forceResolve": "127.0.0.1",
        "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "toolkit.telemetry.enabled": False,
    }
    lines = (f"user_pref({dumps(name)}, {dumps(value)});\n" for name, value in wanted.items())
    return "".join(lines).encode()


CLIENT = Client(
    "firefox",
    "Firefox",
    _attempt,
    store="firefox",
    remedy="homeport trust; if Firefox never ran here, start it once before, for a profile",
    rank=41,
)
