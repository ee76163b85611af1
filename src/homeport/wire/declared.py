"""What the files of a project say should be there: services with a port -> what to check.

Read are compose files, Procfiles, files of variables (`.env`), the databases of Django's settings,
and homeport.toml. Nothing is evaluated; what a file leaves to the environment is left out.
"""

from __future__ import annotations

import ast
import re
import tomllib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple
from homeport.wire.service_url import KNOWN_SCHEMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Declared(NamedTuple):
    """A service that should be there: its name, what to check, and the file that says so."""

    name: str
    target: str
    source: str


_LOCAL = re.compile(r"localhost|.*\.localhost|127\.[0-9.]+|\[?::1\]?|0\.0\.0\.0|")
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
_PROCESS = re.compile(r"([A-Za-z0-9_-]+):\s+(.+)")
_PORT_OPTION = re.compile(
    r"(?:--port[= ]|(?<!\S)-p ?|--bind[= ]\S*:|(?<!\S)-b ?\S*:|PORT=|runserver\s+(?:\S+:)?"
    r"|0\.0\.0\.0:|127\.0\.0\.1:|localhost:)([0-9]{2,5})\b"
)
_ENGINES = {"postgresql": ("postgresql", 5432), "postgis": ("postgresql", 5432)}
_ENGINES["mysql"] = ("mysql", 3306)


def of_compose(data: bytes, source: str) -> list[Declared]:
    """The published TCP ports of a compose file; raises `BrokenMessage`."""
    services = compose_services(data, source)
    return [
        Declared(name, f"127.0.0.1:{port}", source)
        for name, entry in services.items()
        if isinstance(entry, dict)
        for port in _published(entry.get("ports"))
    ]


def compose_services(data: bytes, source: str) -> dict[str, object]:
    """The services of a compose file, by name; raises `BrokenMessage`."""
    import yaml

    try:
        document = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BrokenMessage(f"{source} cannot be read", why=" ".join(str(error).split())) from None
    services = document.get("services") if isinstance(document, dict) else None
    if not isinstance(services, dict):
        return {}
    return {str(name): entry for name, entry in services.items()}


def _published(ports: object) -> Iterator[int]:
    for entry in ports if isinstance(ports, list) else ():
        if isinstance(entry, dict):
            published = str(entry.get("published", ""))
            udp = entry.get("protocol") == "udp"
        else:
            text, _, protocol = str(entry).partition("/")
            udp = protocol == "udp"
            published = text.rpartition(":")[0].rpartition(":")[2]
        if published.isascii() and published.isdigit() and not udp and 0 < int(published) <= 65535:
            yield int(published)


def of_procfile(data: bytes, source: str) -> list[Declared]:
    """The processes of a Procfile whose command names a port."""
    lines = data.decode("utf-8", "replace").splitlines()
    processes = [found for line in lines if (found := _PROCESS.fullmatch(line.strip()))]
    ports = [(found[1], _PORT_OPTION.search(found[2])) for found in processes]
    return [Declared(name, f"127.0.0.1:{port[1]}", source) for name, port in ports if port]


def of_variables(data: bytes, source: str) -> list[Declared]:
    """The URLs of local services among variables, and PORT."""
    found = []
    for line in data.decode("utf-8", "replace").splitlines():
        assignment = _ASSIGNMENT.fullmatch(line)
        if assignment is None:
            continue
        name, value = assignment[1], assignment[2].strip("'\"")
        if name == "PORT" and value.isascii() and value.isdigit() and 0 < int(value) <= 65535:
            found.append(Declared(name, f"127.0.0.1:{value}", source))
        elif _is_local_url(value):
            found.append(Declared(name, value, source))
    return found


def _is_local_url(value: str) -> bool:
    scheme, mark, _ = value.partition("://")
    if not mark or scheme.partition("+")[0].lower() not in KNOWN_SCHEMES:
        return False
    try:
        return _LOCAL.fullmatch(urlsplit(value).hostname or "") is not None
    except ValueError:
        return False


def of_django(data: bytes, source: str) -> list[Declared]:
    """The local database servers in DATABASES of a settings module, as far as they are literal."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BrokenMessage(f"{source} cannot be read", why=str(error)) from None
    assigned = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(each, ast.Name) and each.id == "DATABASES" for each in node.targets)
    ]
    return [found for value in assigned for found in _databases(value, source)]


def _databases(value: ast.expr, source: str) -> Iterator[Declared]:
    for name, entry in _items(value):
        settings = {
            key: str(node.value)
            for key, node in _items(entry)
            if isinstance(node, ast.Constant) and isinstance(node.value, str | int)
        }
        engine = _ENGINES.get(settings.get("ENGINE", "").rpartition(".")[2])
        host = settings.get("HOST", "")
        if engine is None or not host or host.startswith("/") or not _LOCAL.fullmatch(host):
            continue
        scheme, usual = engine
        yield Declared(name, f"{scheme}://{host}:{settings.get('PORT') or usual}", source)


def _items(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, ast.Dict):
        for key, node in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), node


def of_homeport(data: bytes, source: str) -> list[Declared]:
    """The services of homeport.toml that name a `url` or a `port`; raises `BrokenMessage`."""
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenMessage(f"{source} cannot be read", why=str(error)) from None
    services = document.get("services")
    found = []
    for name, entry in services.items() if isinstance(services, dict) else ():
        target = entry.get("url", entry.get("port")) if isinstance(entry, dict) else None
        if isinstance(target, int):
            found.append(Declared(name, f"127.0.0.1:{target}", source))
        elif isinstance(target, str):
            found.append(Declared(name, target, source))
    return found


READERS: dict[str, Callable[[bytes, str], list[Declared]]] = {
    "homeport.toml": of_homeport,
    "compose.yaml": of_compose,
    "compose.yml": of_compose,
    "docker-compose.yaml": of_compose,
    "docker-compose.yml": of_compose,
    "Procfile": of_procfile,
    ".env": of_variables,
    "settings.py": of_django,
}
"""Which files are read, by name, and how."""

COMPOSE_FILES = tuple(name for name, reader in READERS.items() if reader is of_compose)


def distinct(found: Iterable[Declared]) -> tuple[Declared, ...]:
    """Without those that ask for what an earlier one has asked for."""
    kept: dict[str, Declared] = {}
    for each in found:
        kept.setdefault(each.target, each)
    return tuple(kept.values())
