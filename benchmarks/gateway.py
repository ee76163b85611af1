"""The gateway beside haproxy, Caddy and portless: one core for client, proxy and backend together.

`python -m benchmarks.gateway`, as root. Needs wrk, nginx and haproxy (Debian packages of those
names); Caddy comes with the tests' environment, portless is installed by npm into a directory of
its own. The backend is nginx, which answers with a constant. Requests a second are of processor
time: requests divided by what client, proxy and backend together have used of the core. On a
machine that does nothing else both are the same; on any other the wall clock measures the others.
"""

import contextlib
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import script
from benchmarks.install import Installed
from benchmarks.measure import Claim, Failed, Options, Result, Table, clean_environment
from benchmarks.watch_cpu import cpu_ns

CORE = max(os.sched_getaffinity(0))
HOST, GUARDED = "api.shop.localhost", "guarded.shop.localhost"
SECONDS = 2
IDLE = 10_000
BULK_BYTES = 1 << 28
FIRST_PORT = 18_600
BACKEND, GATEWAY, HAPROXY, HAPROXY_TLS, CADDY, CADDY_TLS, PORTLESS = range(
    FIRST_PORT, FIRST_PORT + 7
)

_NGINX = """
daemon off; worker_processes 1; pid {place}/nginx.pid; error_log stderr crit;
worker_rlimit_nofile 20000;
events {{ worker_connections 15000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; sendfile on;
  client_body_temp_path {place}/t; proxy_temp_path {place}/t; fastcgi_temp_path {place}/t;
  uwsgi_temp_path {place}/t; scgi_temp_path {place}/t;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ return 200 "hello, world\\n"; }}
    location /bulk {{ root {place}; }}
  }}
}}
"""
_HAPROXY = """
global
  nbthread 1
  maxconn 9000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend named
  bind 127.0.0.1:{plain}
  bind 127.0.0.1:{tls} ssl crt {place}/both.pem
  use_backend api if {{ hdr_dom(host) -i api.shop.localhost }}
backend api
  server one 127.0.0.1:{backend}
"""
_CADDY = """
{{
  admin off
  auto_https off
}}
http://{host}:{plain} {{
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:{backend}
}}
https://{host}:{tls} {{
  bind 127.0.0.1
  tls {place}/server.crt {place}/server.key
  reverse_proxy 127.0.0.1:{backend}
}}
"""
_REGISTER = """
import sys
from homeport.model.route import Route, ServiceState
from homeport.run.gateway.registration import Registration
registration = Registration.open(ports=(int(sys.argv[1]),))
registration.replace([
    Route(names=(name,), project="shop", service=name, address="127.0.0.1", port=int(sys.argv[2]),
          state=ServiceState.READY, guarded=name.startswith("guarded"))
    for name in ("api.shop", "guarded.shop")
])
print(registration.pid, flush=True)
sys.stdin.read()
"""
_SAY = """
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"us":%d,"p50":%d,"p99":%d,"bytes":%d,"errors":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    summary.bytes, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


class Server(NamedTuple):
    """What is measured: its processes, and where it answers."""

    name: str
    pids: Sequence[int]
    url: str
    host: str


class Run(NamedTuple):
    """One load on one server: a second of one core, and microseconds of waiting."""

    per_second: float
    p50_us: float
    p99_us: float
    bytes_per_cpu_s: float


def pinned(*argv: str) -> list[str]:
    """A command on the one core."""
    return ["taskset", "-c", str(CORE), *argv]


@contextlib.contextmanager
def process(argv: Sequence[str], port: int, env: dict[str, str] | None = None) -> Iterator[int]:
    """A server for the length of the block; its pid once it listens."""
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env or clean_environment(),
        start_new_session=True,
    ) as started:
        try:
            wait_for(port, started)
            yield started.pid
        finally:
            os.killpg(started.pid, 15)


def wait_for(port: int, started: subprocess.Popen[bytes] | None = None) -> None:
    """Waits until something listens."""
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until or (started is not None and started.poll() is not None):
                raise Failed(f"nothing listens on port {port}") from None
            time.sleep(0.02)
        else:
            return


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in children for each in family(int(child)))]


@contextlib.contextmanager
def gateway(python: str, place: Path) -> Iterator[int]:
    """Homeport's, with two routes to the backend; its pid."""
    env = clean_environment()
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        (place / name).mkdir(mode=0o700)
        env[name] = str(place / name)
    argv = pinned(python, "-I", "-c", _REGISTER, str(GATEWAY), str(BACKEND))
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as supervisor:
        assert supervisor.stdin
        assert supervisor.stdout
        try:
            yield int(supervisor.stdout.readline())
        finally:
            supervisor.stdin.close()


def make_authority() -> None:
    """Homeport's own, made by the first who asks for TLS."""
    import ssl

    with contextlib.suppress(ssl.SSLError), socket.create_connection(("127.0.0.1", GATEWAY)) as raw:
        ssl.create_default_context().wrap_socket(raw, server_hostname=HOST)


def certificate(place: Path) -> None:
    """A certificate for the other servers, as small and as fast as Homeport's."""
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    argv += ["-nodes", "-keyout", "server.key", "-out", "server.crt", "-days", "2"]
    argv += ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    subprocess.run(argv, cwd=place, check=True, capture_output=True)
    both = (place / "server.crt").read_text() + (place / "server.key").read_text()
    (place / "both.pem").write_text(both)


def portless_program(place: Path) -> str | None:
    """Installed by npm, into a directory of its own; None where that cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return shutil.which("portless")
    argv = [npm, "install", "--silent", "--no-fund", "--prefix", str(place / "npm"), "portless"]
    done = subprocess.run(argv, capture_output=True, check=False)
    program = place / "npm" / "node_modules" / ".bin" / "portless"
    return str(program) if done.returncode == 0 and program.exists() else None


@contextlib.contextmanager
def portless(program: str, place: Path, port: int, *options: str) -> Iterator[int]:
    """Its proxy in the foreground, with one route; it writes to no file of the system."""
    home = place / f"portless-{port}"
    home.mkdir()
    env = clean_environment() | {
        "HOME": str(home),
        "PORTLESS_STATE_DIR": str(home),
        "PORTLESS_SYNC_HOSTS": "0",
        "PORTLESS_PORT": str(port),
    }
    argv = pinned(program, "proxy", "start", "--foreground", "-p", str(port), *options)
    with process(argv, port, env) as pid:
        alias = [program, "alias", "api.shop", str(BACKEND)]
        subprocess.run(alias, env=env, check=True, capture_output=True)
        yield pid


@contextlib.contextmanager
def servers(homeport: Installed, place: Path) -> Iterator[dict[str, Server]]:
    """Everything that is compared, each behind nothing but itself; first the backend."""
    (place / "t").mkdir()
    (place / "nginx.conf").write_text(_NGINX.format(place=place, port=BACKEND))
    (place / "haproxy.cfg").write_text(
        _HAPROXY.format(place=place, plain=HAPROXY, tls=HAPROXY_TLS, backend=BACKEND)
    )
    (place / "Caddyfile").write_text(
        _CADDY.format(place=place, plain=CADDY, tls=CADDY_TLS, backend=BACKEND, host=HOST)
    )
    with (place / "bulk").open("wb") as file:
        file.truncate(BULK_BYTES)
    certificate(place)
    caddy = str(Path(sys.executable).with_name("caddy"))
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        nginx = enter(process(pinned("nginx", "-c", str(place / "nginx.conf")), BACKEND))
        found = {"direct": _server("direct", nginx, BACKEND)}
        pid = enter(gateway(homeport.python, place))
        make_authority()
        found["fast path"] = _server("fast path", pid, GATEWAY)
        found["framed path"] = _server("framed path", pid, GATEWAY, host=GUARDED)
        found["TLS"] = _server("TLS", pid, GATEWAY, scheme="https")
        pid = enter(process(pinned("haproxy", "-f", str(place / "haproxy.cfg"), "-db"), HAPROXY))
        found["haproxy"] = _server("haproxy", pid, HAPROXY)
        found["haproxy TLS"] = _server("haproxy TLS", pid, HAPROXY_TLS, scheme="https")
        argv = pinned(caddy, "run", "--config", str(place / "Caddyfile"), "--adapter", "caddyfile")
        env = clean_environment() | {"HOME": str(place), "GOMAXPROCS": "1"}
        pid = enter(process(argv, CADDY, env))
        found["Caddy"] = _server("Caddy", pid, CADDY)
        found["Caddy TLS"] = _server("Caddy TLS", pid, CADDY_TLS, scheme="https")
        if (program := portless_program(place)) is not None:
            pid = enter(portless(program, place, PORTLESS, "--no-tls"))
            found["portless"] = _server("portless", pid, PORTLESS)
        yield found


def _server(name: str, pid: int, port: int, *, host: str = HOST, scheme: str = "http") -> Server:
    # The name in a TLS hello is that of the URL, which has to resolve then.
    where = host if scheme == "https" else "127.0.0.1"
    return Server(name, family(pid), f"{scheme}://{where}:{port}", f"{host}:{port}")


def load(server: Server, backend: Server, place: Path, connections: int, path: str = "/") -> Run:
    """Two seconds of wrk with so many connections."""
    (place / "say.lua").write_text(_SAY)
    (place / "hosts").write_text(f"127.0.0.1 localhost {HOST} {GUARDED}\n")
    wrk = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}", "-s", str(place / "say.lua")]
    wrk += ["-H", f"Host: {server.host}", "--timeout", "10", server.url + path]
    # A mount of its own over /etc/hosts, for this process alone.
    command = f'mount --bind {place}/hosts /etc/hosts && exec "$@"'
    pids = {*server.pids, *backend.pids}
    before = sum(map(cpu_ns, pids))
    proxy_before = sum(map(cpu_ns, server.pids))
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command, "sh", *pinned(*wrk)],
        capture_output=True, text=True, check=False, env=clean_environment(),
    )  # fmt: skip
    if done.returncode or "{" not in done.stdout:
        raise Failed(f"wrk on {server.name}: {done.stdout}{done.stderr}")
    said = json.loads(done.stdout[done.stdout.index("{") :])
    if said["errors"] or not said["requests"]:
        raise Failed(f"wrk on {server.name}: {said}")
    then = resource.getrusage(resource.RUSAGE_CHILDREN)
    client_s = then.ru_utime + then.ru_stime - own.ru_utime - own.ru_stime
    cpu_s = client_s + (sum(map(cpu_ns, pids)) - before) / 1e9
    proxy_s = (sum(map(cpu_ns, server.pids)) - proxy_before) / 1e9
    return Run(said["requests"] / cpu_s, said["p50"], said["p99"], said["bytes"] / proxy_s)


def interleaved(rounds: int, runs: dict[str, Callable[[], Run]]) -> dict[str, Run]:
    """Each in turn, so many times; medians."""
    found: dict[str, list[Run]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(run())
    return {
        name: Run(*(statistics.median(column) for column in zip(*each, strict=True)))
        for name, each in found.items()
    }


def idle_bytes(server: Server) -> tuple[int, int]:
    """Memory of the gateway before, and with ten thousand connections that do nothing (PSS).

    Each takes two descriptors; where fewer are allowed, what was measured is scaled up.
    """
    (pid,) = server.pids
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    number = min(IDLE, (limit - 1000) // 2)
    before = pss(pid)
    clients: list[socket.socket] = []
    try:
        for _ in range(number):
            client = socket.create_connection(("127.0.0.1", GATEWAY), timeout=30)
            clients.append(client)
            client.sendall(f"GET / HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
            if not client.recv(1000).startswith(b"HTTP/1.1 200"):
                raise Failed(f"connection {len(clients)} was not served")
        return before, before + (pss(pid) - before) * IDLE // number
    finally:
        for client in clients:
            client.close()


def pss(pid: int) -> int:
    """Bytes that a process has for itself, and its share of what it shares."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:") << 10


def table(title: str, runs: dict[str, Run], peer: str) -> Table:
    """Requests a second and latencies, and the ratio to one of them."""
    rows = [
        (
            name,
            f"{run.per_second:,.0f}",
            f"{run.per_second / runs[peer].per_second:.2f}",
            f"{run.p50_us / 1000:.2f}",
            f"{run.p99_us / 1000:.2f}",
        )
        for name, run in runs.items()
    ]
    return Table(title, ("", "requests/s", f"÷ {peer}", "p50 ms", "p99 ms"), rows)


def measure(homeport: Installed, options: Options) -> Result:
    """All of it."""
    missing = [each for each in ("wrk", "nginx", "haproxy") if shutil.which(each) is None]
    if missing or os.geteuid():
        note = f"Left out: it needs root, and {', '.join(missing) or 'wrk, nginx and haproxy'}."
        return Result("gateway", "The gateway", notes=[note])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="homeport-gateway-") as name:
        place = Path(name)
        place.chmod(0o755)
        with servers(homeport, place) as found:
            return _measured(options, place, found)


def _measured(options: Options, place: Path, found: dict[str, Server]) -> Result:
    backend = found["direct"]

    def runs(names: Sequence[str], connections: int, path: str = "/") -> dict[str, Run]:
        def one(server: Server) -> Callable[[], Run]:
            return lambda: load(server, backend, place, connections, path)

        return interleaved(
            options.rounds, {each: one(found[each]) for each in names if each in found}
        )

    plain = ("direct", "fast path", "framed path", "haproxy", "Caddy", "portless")
    one, many = runs(plain, 1), runs(plain, 64)
    secure = runs(("TLS", "haproxy TLS", "Caddy TLS"), 64)
    bulk = runs(("fast path", "framed path", "haproxy"), 4, "/bulk")
    before, idle = idle_bytes(found["fast path"])
    tables = [
        table("HTTP/1.1, one connection", one, "haproxy"),
        table("HTTP/1.1, 64 connections", many, "haproxy"),
        table("HTTP/1.1 over TLS, 64 connections", secure, "Caddy TLS"),
        Table(
            f"Answers of {BULK_BYTES >> 20} MB, 4 connections",
            ("", "GB per second of the proxy's CPU"),
            [(each, f"{run.bytes_per_cpu_s / 1e9:.2f}") for each, run in bulk.items()],
        ),
        Table(
            "Memory (PSS)",
            ("", "MB"),
            [
                ("before", f"{before / 1e6:.1f}"),
                (f"{IDLE:,} idle connections", f"{idle / 1e6:.1f}"),
            ],
        ),
    ]
    notes = [] if "portless" in found else ["portless could not be installed by npm."]
    return Result("gateway", "The gateway", tables, _claims(many, secure, bulk, idle), notes)


def _claims(
    many: dict[str, Run], secure: dict[str, Run], bulk: dict[str, Run], idle: int
) -> list[Claim]:
    haproxy = many["haproxy"]
    fast, framed = many["fast path"], many["framed path"]
    claims = [
        Claim("haproxy ÷ fast path, requests/s", haproxy.per_second / fast.per_second, 1 / 1.2),
        Claim("haproxy ÷ framed path, requests/s", haproxy.per_second / framed.per_second, 1 / 0.8),
        Claim("fast path ÷ haproxy, p99", fast.p99_us / haproxy.p99_us, 2),
        Claim(
            "Caddy ÷ gateway over TLS, requests/s",
            secure["Caddy TLS"].per_second / secure["TLS"].per_second,
            1 / 2,
        ),
        Claim(
            "haproxy ÷ fast path, bytes per CPU second",
            bulk["haproxy"].bytes_per_cpu_s / bulk["fast path"].bytes_per_cpu_s,
            1 / 1.2,
        ),
        Claim(f"{IDLE:,} idle connections", idle / 1e6, 120, "MB"),
    ]
    if "portless" in many:
        ratio = many["portless"].per_second / fast.per_second
        claims.append(Claim("portless ÷ fast path, requests/s", ratio, 1 / 5))
    return claims


if __name__ == "__main__":
    script.main(__doc__, measure)
