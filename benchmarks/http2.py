"""HTTP/2 through the gateway beside Caddy alone: what the detour through the gateway costs.

`python -m benchmarks.http2`. Needs h2load (Debian's nghttp2-client) and nginx, which answers with a
constant; Caddy comes with the tests' environment. Everything is on one core, and requests a second
are of processor time, as in `benchmarks.gateway`.
"""

import contextlib
import json
import re
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import gateway as other
from benchmarks import script
from benchmarks.gateway import BACKEND, CADDY, GATEWAY, HOST, Run, Server
from benchmarks.install import Installed
from benchmarks.measure import Claim, Failed, Options, Result, clean_environment
from benchmarks.watch_cpu import cpu_ns

REQUESTS = 4000
LOADS = ((1, 1), (1, 32), (6, 32))
"""Connections, and streams of each."""

_NUMBERS = re.compile(r"(\d+) total, .* (\d+) succeeded")
_TIMES = re.compile(r"time for request: .*")


def caddy_config(place: Path) -> str:
    """The same as it runs behind the gateway, on a port, and with the service behind it."""
    both = str(place / "both.pem")
    handler = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{BACKEND}"}],
        "transport": {"protocol": "http", "compression": False},
    }
    server = {
        "listen": [f"127.0.0.1:{CADDY}"],
        "protocols": ["h1", "h2"],
        "automatic_https": {"disable": True},
        "tls_connection_policies": [{}],
        "routes": [{"handle": [handler]}],
    }
    files = [{"certificate": both, "key": both}]
    apps = {
        "http": {"servers": {"it": server}},
        "tls": {"certificates": {"load_files": files}},
    }
    return json.dumps({"admin": {"disabled": True}, "apps": apps})


def wait_for_http2(port: int) -> None:
    """Until the gateway hands sessions on."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with (
            socket.create_connection(("127.0.0.1", port)) as raw,
            context.wrap_socket(raw, server_hostname=HOST) as client,
        ):
            if client.selected_alpn_protocol() == "h2":
                return
    raise Failed("the gateway does not speak HTTP/2")


@contextlib.contextmanager
def servers(homeport: Installed, place: Path) -> Iterator[dict[str, Server]]:
    """The backend, the gateway with its Caddy, and Caddy alone."""
    caddy = Path(sys.executable).with_name("caddy")
    # As `pip install 'homeport[http2]'` puts it.
    Path(homeport.python).with_name("caddy").symlink_to(caddy)
    (place / "t").mkdir()
    nginx = other._NGINX.format(place=place, port=BACKEND)  # noqa: SLF001
    (place / "nginx.conf").write_text(nginx)
    other.certificate(place)
    (place / "caddy.json").write_text(caddy_config(place))
    with contextlib.ExitStack() as stack:
        argv = other.pinned("nginx", "-c", str(place / "nginx.conf"))
        pid = stack.enter_context(other.process(argv, BACKEND))
        found = {"nginx": Server("nginx", other.family(pid), "", "")}
        pid = stack.enter_context(other.gateway(homeport.python, place))
        wait_for_http2(GATEWAY)
        found["gateway"] = Server("gateway", other.family(pid), f"{HOST}:{GATEWAY}", "")
        argv = other.pinned(str(caddy), "run", "--config", str(place / "caddy.json"))
        env = clean_environment() | {"HOME": str(place)}
        pid = stack.enter_context(other.process(argv, CADDY, env))
        found["Caddy"] = Server("Caddy", other.family(pid), f"{HOST}:{CADDY}", "")
        yield found


def load(server: Server, backend: Server, connections: int, streams: int) -> Run:
    """Some thousand requests of h2load."""
    port = server.url.rpartition(":")[2]
    argv = ["h2load", "-n", str(REQUESTS), "-c", str(connections), "-m", str(streams)]
    argv += ["--connect-to", f"127.0.0.1:{port}", f"https://{server.url}/"]
    pids = {*server.pids, *backend.pids}
    before = sum(map(cpu_ns, pids))
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        other.pinned(*argv), capture_output=True, text=True, check=False, env=clean_environment()
    )
    numbers = _NUMBERS.search(done.stdout)
    if numbers is None or numbers[1] != numbers[2] or "protocol: h2" not in done.stdout:
        raise Failed(f"h2load on {server.name}: {done.stdout}{done.stderr}")
    then = resource.getrusage(resource.RUSAGE_CHILDREN)
    client_s = then.ru_utime + then.ru_stime - own.ru_utime - own.ru_stime
    cpu_s = client_s + (sum(map(cpu_ns, pids)) - before) / 1e9
    return Run(REQUESTS / cpu_s, *_times_us(done.stdout), 0)


def _times_us(text: str) -> tuple[float, float]:
    """The mean and the longest time of a request, which is what h2load tells."""
    line = _TIMES.search(text)
    words = line[0].split() if line else []
    if len(words) < 6:
        raise Failed(f"h2load tells no times: {text}")
    return _us(words[5]), _us(words[4])


def _us(text: str) -> float:
    for unit, factor in (("us", 1.0), ("ms", 1e3), ("s", 1e6)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise Failed(f"no time: {text}")


def measure(homeport: Installed, options: Options) -> Result:
    """All of it."""
    missing = [each for each in ("h2load", "nginx") if shutil.which(each) is None]
    if missing:
        return Result("http2", "HTTP/2", notes=[f"Left out: it needs {', '.join(missing)}."])
    with tempfile.TemporaryDirectory(prefix="homeport-http2-") as name:
        place = Path(name)
        place.chmod(0o755)
        with servers(homeport, place) as found:
            return _measured(options, found)


def _measured(options: Options, found: dict[str, Server]) -> Result:
    tables, claims = [], []
    for connections, streams in LOADS:

        def one(
            server: Server, many: tuple[int, int] = (connections, streams)
        ) -> Callable[[], Run]:
            return lambda: load(server, found["nginx"], *many)

        runs = other.interleaved(
            options.rounds, {name: one(found[name]) for name in ("gateway", "Caddy")}
        )
        title = f"HTTP/2, connections: {connections}, streams of each: {streams}"
        made = other.table(title, runs, "Caddy")
        tables.append(made._replace(columns=(*made.columns[:3], "mean ms", "longest ms")))
        ratio = runs["Caddy"].per_second / runs["gateway"].per_second
        claims.append(Claim(f"Caddy ÷ gateway, requests/s, {connections} x {streams}", ratio, 1.5))
    return Result("http2", "HTTP/2", tables, claims)


if __name__ == "__main__":
    script.main(__doc__, measure)
