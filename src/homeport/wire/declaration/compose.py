"""A compose file's services as far as they run without containers: those a recipe stands in for.

What is built from a Dockerfile, or has another image, is left out, and it is said why.
"""

from __future__ import annotations

import re

from homeport.model.record import NamedTuple
from homeport.model.service import Service
from homeport.wire.declaration.labels import label
from homeport.wire.declared import compose_services, interpolated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_OPTIONS = {
    "POSTGRES_DB": "database",
    "POSTGRES_USER": "user",
    "POSTGRES_PASSWORD": "password",
    "MYSQL_DATABASE": "database",
    "MYSQL_USER": "user",
    "MYSQL_PASSWORD": "password",
    "MARIADB_DATABASE": "database",
    "MARIADB_USER": "user",
    "MARIADB_PASSWORD": "password",
    "MONGO_INITDB_DATABASE": "database",
    "MONGO_INITDB_ROOT_USERNAME": "user",
    "MONGO_INITDB_ROOT_PASSWORD": "password",
    "RABBITMQ_DEFAULT_USER": "user",
    "RABBITMQ_DEFAULT_PASS": "password",
    "RABBITMQ_DEFAULT_VHOST": "vhost",
    "MINIO_ROOT_USER": "user",
    "MINIO_ROOT_PASSWORD": "password",
}
"""Variables of images, and the option of a recipe that says the same."""

_VERSION = re.compile(r"v?([0-9]{1,4}(?:\.[0-9]{1,4}){0,3})(?:[-.].*)?")
_UNRESOLVED = re.compile(r"\$\{|\$[A-Za-z_]")


class Entry(NamedTuple):
    """A service of a compose file, as far as it matters here.

    `image` has neither registry nor tag; `depends` and `variables` are as they stand there.
    """

    name: str
    image: str | None
    tag: str | None
    is_built: bool
    is_published: bool
    variables: tuple[tuple[str, str], ...]
    depends: tuple[str, ...]


def services(
    data: bytes,
    source: str,
    root: str,
    images: Mapping[str, str],
    options: Mapping[str, Collection[str]],
) -> tuple[tuple[Service, ...], tuple[str, ...]]:
    """The services that recipes stand in for, and sentences about the others.

    `images` names the recipe for an image, `options` what each recipe takes. Raises
    `BrokenMessage`.
    """
    entries = [_entry(name, each) for name, each in compose_services(data, source).items()]
    # Two names that make one label would be two services under one host name: the first it is.
    run: dict[str, Entry] = {}
    for entry in entries:
        if not entry.is_built and _recipe(entry.image, images):
            run.setdefault(label(entry.name), entry)
    here = {entry.name for entry in run.values()}
    made = tuple(
        _service(entry, source, root, _recipe(entry.image, images) or "", here, options)
        for entry in run.values()
    )
    notes = [_left_out(entry, source) for entry in entries if entry.name not in here]
    notes += [
        f"{entry.name} of {source} gets a port of its own, not the published one; "
        "homeport.toml can set it"
        for entry in run.values()
        if entry.is_published
    ]
    return made, tuple(notes)


def _entry(name: str, given: object) -> Entry:
    known: dict[str, object] = given if isinstance(given, dict) else {}
    image = known.get("image")
    named, tag = image_name(image) if isinstance(image, str) else (None, None)
    depends = known.get("depends_on")
    return Entry(
        name=name,
        image=named,
        tag=tag,
        is_built="build" in known,
        is_published=bool(known.get("ports")),
        variables=tuple(_variables(known.get("environment"))),
        depends=tuple(_names(depends)),
    )


def _names(given: object) -> Iterator[str]:
    # Text only: of lists within lists, a few aliases make gigabytes (YAML 1.2.2, 7.1).
    for each in given if isinstance(given, list | dict) else ():
        if isinstance(each, str):
            yield each


def _name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name) else label(name)


def image_name(image: str) -> tuple[str, str | None]:
    """An image without registry and digest, and its tag: `docker.io/library/redis:7` is redis, 7.

    As in the distribution's reference grammar: what comes before the first slash is a registry if
    it has a dot or a colon, or is `localhost`.
    """
    rest = interpolated(image).partition("@")[0].strip()
    first, slash, behind = rest.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        rest = behind
    path, _, last = rest.rpartition("/")
    name, colon, tag = last.partition(":")
    name = f"{path}/{name}" if path else name
    return name.removeprefix("library/"), tag if colon and tag else None


def _recipe(image: str | None, images: Mapping[str, str]) -> str | None:
    """By the whole name, else by its last part: many publish a `redis` of their own."""
    name = image or ""
    return images.get(name) or images.get(name.rpartition("/")[2])


def _service(
    entry: Entry,
    source: str,
    root: str,
    recipe: str,
    here: Collection[str],
    options: Mapping[str, Collection[str]],
) -> Service:
    given = {_OPTIONS[name]: value for name, value in entry.variables if name in _OPTIONS}
    version = _VERSION.fullmatch(entry.tag or "")
    if version is not None:
        given["version"] = version[1]
    taken = options.get(recipe, ())
    return Service(
        name=_name(entry.name),
        directory=root,
        source=f"{source}, {entry.name}",
        recipe=recipe,
        needs=tuple(dict.fromkeys(_name(each) for each in entry.depends if each in here)),
        options=tuple((name, value) for name, value in given.items() if name in taken),
    )


def _variables(given: object) -> Iterator[tuple[str, str]]:
    """The variables whose values stand in the file, written as a mapping or as a list."""
    pairs: list[tuple[str, object]] = []
    if isinstance(given, dict):
        pairs = [(str(name), value) for name, value in given.items()]
    elif isinstance(given, list):
        parts = [each.partition("=") for each in given if isinstance(each, str)]
        pairs = [(name, value) for name, equals, value in parts if equals]
    for name, value in pairs:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            filled = interpolated(str(value))
            if filled and _UNRESOLVED.search(filled.replace("$$", "")) is None:
                yield name, filled.replace("$$", "$")


def _left_out(entry: Entry, source: str) -> str:
    if entry.is_built:
        why = "it is built from a Dockerfile; say how it runs without one in homeport.toml"
    elif entry.image:
        why = (
            f"no recipe stands in for the image {entry.image[:64]}; "
            f"docker compose up {entry.name} runs it"
        )
    else:
        why = "it has no image"
    return f"{entry.name} of {source} is left out: {why}"
