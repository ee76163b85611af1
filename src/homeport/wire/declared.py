"""What the files of a project say should be there: services with a port -> what to check.

Read are compose files, Procfiles, files of variables (`.env`), the databases of Django's settings,
and homeport.toml. Nothing is evaluated; what a file leaves to the environment is left out.
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from homeport.model.endpoint import bracketed
from homeport.model.errors import BadInput, BrokenMessage
from homeport.model.record import NamedTuple
from homeport.wire.declaration.procfile import port_named_by, port_number, processes
from homeport.wire.service_url import KNOWN_SCHEMES, parse_service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import yaml


class Declared(NamedTuple):
    """A service that should be there: its name, what to check, and the file that says so."""

    name: str
    target: str
    source: str


_LOCAL = re.compile(r"localhost|.*\.localhost|127\.[0-9.]+|::1|0\.0\.0\.0")
_DEFAULT = re.compile(r"\$\{\w+:?-([^${}]*)\}")
_PUBLISHED = re.compile(r"(?:(\[[^]]*\]|[^:[]*):)?([0-9]+(?:-[0-9]+)?):[0-9-]+(?:/(\w+))?")
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_HOST = re.compile(r"[0-9A-Fa-f.:]+")
_MOST_PORTS, _MOST_NESTED, _MOST_MERGED = 64, 3, 100_000
_ENGINES = {"postgresql": ("postgresql", 5432), "postgis": ("postgresql", 5432)}
_ENGINES["mysql"] = ("mysql", 3306)


def of_compose(data: bytes, source: str) -> list[Declared]:
    """The published TCP ports of a compose file; raises `BrokenMessage`."""
    services = compose_services(data, source)
    return [
        Declared(name, target, source)
        for name, entry in services.items()
        if isinstance(entry, dict)
        for target in _published(entry.get("ports"))
    ]


def compose_services(data: bytes, source: str) -> dict[str, object]:
    """The services of a compose file, by name; raises `BrokenMessage`."""
    import yaml

    try:
        document = yaml.load(data, _yaml_loader())  # noqa: S506  (a safe one)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BrokenMessage(f"{source} cannot be read", why=" ".join(str(error).split())) from None
    services = document.get("services") if isinstance(document, dict) else None
    if not isinstance(services, dict):
        return {}
    return {str(name): entry for name, entry in services.items()}


@lru_cache(maxsize=1)
def _yaml_loader() -> type[yaml.SafeLoader]:
    """YAML as compose reads it: `22:22` is no number to the base of sixty; merges are bounded."""
    import yaml

    class Loader(yaml.SafeLoader):
        merged = 0

        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            super().flatten_mapping(node)
            self.merged += len(node.value)
            if self.merged > _MOST_MERGED:
                raise yaml.YAMLError("its merged mappings (<<) are too large")

    numbers = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
    Loader.yaml_implicit_resolvers = {
        first: [each for each in resolvers if each[0] not in numbers]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _published(ports: object) -> Iterator[str]:
    for entry in ports if isinstance(ports, list) else ():
        if isinstance(entry, dict):
            parts = (entry.get("host_ip"), entry.get("published"), entry.get("protocol"))
            host, published, protocol = (
                interpolated(part) if isinstance(part, str) else "" for part in parts
            )
        else:
            found = _PUBLISHED.fullmatch(interpolated(entry) if isinstance(entry, str) else "")
            host, published, protocol = (
                (part or "" for part in found.groups()) if found else [""] * 3
            )
        if protocol != "udp":
            yield from _reached(host.strip("[]"), published)


def interpolated(text: str) -> str:
    """The text with the defaults of its variables: `${PORT:-8000}`."""
    for _ in range(_MOST_NESTED):
        text = _DEFAULT.sub(r"\1", text)
    return text


def _reached(host: str, published: str) -> Iterator[str]:
    """Where the ports of a range can be reached that are published at an address."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    ports = _RANGE.fullmatch(published)
    if ports is None or not _HOST.fullmatch(host):
        return
    first, last = int(ports[1]), int(ports[2] or ports[1])
    if first > 0 and last <= 65535 and last - first < _MOST_PORTS:
        yield from (f"{bracketed(host)}:{port}" for port in range(first, last + 1))


def of_procfile(data: bytes, source: str) -> list[Declared]:
    """The processes of a Procfile whose command names a port."""
    ports = [(each.name, port_named_by(each.command)) for each in processes(data)]
    return [Declared(name, f"127.0.0.1:{port}", source) for name, port in ports if port]


def of_variables(data: bytes, source: str) -> list[Declared]:
    """The URLs of local services among variables, and PORT."""
    found = []
    for line in data.decode("utf-8", "replace").splitlines():
        left, _, right = line.partition("=")
        name, value = left.strip().removeprefix("export ").strip(), _unquoted(right.strip())
        if not (name.isascii() and name.isidentifier()):
            continue
        if name == "PORT" and port_number(value):
            found.append(Declared(name, f"127.0.0.1:{port_number(value)}", source))
        elif _is_local_url(value):
            found.append(Declared(name, value, source))
    return found


def _unquoted(value: str) -> str:
    """A value without its quotes and without the comment behind it."""
    quote = value[:1]
    if quote in ("'", '"'):
        return value[1:].partition(quote)[0]
    return value.partition(" #")[0].rstrip()


def _is_local_url(value: str) -> bool:
    scheme, mark, _ = value.partition("://")
    if not mark or scheme.partition("+")[0].lower() not in KNOWN_SCHEMES:
        return False
    try:
        return _LOCAL.fullmatch(parse_service(value).host) is not None
    except BadInput:
        return False


def of_django(data: bytes, source: str) -> list[Declared]:
    """The local database servers in DATABASES of a settings module, as far as they are literal."""
    try:
        # What it would be warned of concerns the project, not whoever reads along.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = str(error) or "it is nested too deeply"
        raise BrokenMessage(f"{source} cannot be read", why=why) from None
    values = [_assigned(node, "DATABASES") for node in tree.body]
    return [found for value in values if value for found in _databases(value, source)]


def _assigned(node: ast.stmt, name: str) -> ast.expr | None:
    """What a statement assigns to a name."""
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return None
    named = any(isinstance(each, ast.Name) and each.id == name for each in targets)
    return node.value if named else None


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
        port = port_number(settings.get("PORT") or usual)
        if port is not None:
            yield Declared(name, f"{scheme}://{bracketed(host)}:{port}", source)


def _items(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, ast.Dict):
        for key, node in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), node


def of_homeport(data: bytes, source: str) -> list[Declared]:
    """The services of homeport.toml that name a `url` or a `port`; raises `BrokenMessage`."""
    import tomllib

    from homeport.wire.declaration.toml_places import is_too_deep

    try:
        text = data.decode("utf-8")
        if is_too_deep(text):
            raise BrokenMessage(f"{source} cannot be read", why="a key has too many parts")
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also for a number of 4300 digits
        raise BrokenMessage(f"{source} cannot be read", why=str(error)) from None
    services = document.get("services")
    found = []
    for name, entry in services.items() if isinstance(services, dict) else ():
        target = entry.get("url", entry.get("port")) if isinstance(entry, dict) else None
        if isinstance(target, int):
            if port := port_number(target):
                found.append(Declared(name, f"127.0.0.1:{port}", source))
        elif isinstance(target, str) and target:
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
