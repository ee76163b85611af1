"""The files of a project that say which services should be there."""

from __future__ import annotations

import os

from homeport.host.projects import ProjectFinder
from homeport.model.errors import BadInput, BrokenMessage
from homeport.wire.declared import COMPOSE_FILES, READERS, Declared, compose_services, distinct
from homeport.wire.service_url import parse_service

_LARGEST = 1 << 20
_MOST_SETTINGS = 8


def declared_services(directory: str) -> tuple[tuple[Declared, ...], tuple[str, ...]]:
    """What the project of a directory declares, and what could not be read, in sentences."""
    found: list[Declared] = []
    troubles: list[str] = []
    for path in _files(directory):
        data = _read(path)
        if data is None:
            continue
        try:
            declared = READERS[os.path.basename(path)](data, os.path.relpath(path, directory))
        except BrokenMessage as error:
            troubles.append(str(error))
        else:
            found += [each for each in declared if _can_be_checked(each, troubles)]
    return distinct(found), tuple(troubles)


def _can_be_checked(declared: Declared, troubles: list[str]) -> bool:
    """Whether what a file names is a service; the reason why not is added to the troubles."""
    try:
        parse_service(declared.target)
    except BadInput as error:
        troubles.append(f"{declared.source}, {declared.name}: {error}")
        return False
    return True


def compose_file_with(service: str, directory: str) -> str | None:
    """The compose file of a directory's project that has a service of this name."""
    root = _root(directory)
    for place in dict.fromkeys((directory, root)):
        for name in COMPOSE_FILES:
            data = _read(os.path.join(place, name))
            try:
                if data is not None and service in compose_services(data, name):
                    return os.path.join(place, name)
            except BrokenMessage:
                continue
    return None


def _root(directory: str) -> str:
    project = ProjectFinder().at(directory)
    return directory if project is None else project.root


def _files(directory: str) -> list[str]:
    """The files of the directory and of its project's root; settings one level below, too."""
    root = _root(directory)
    places = list(dict.fromkeys((directory, root)))
    found = [os.path.join(place, name) for place in places for name in READERS]
    try:
        below = sorted(entry.path for entry in os.scandir(root) if entry.is_dir())
    except OSError:
        below = []
    settings = [path for each in below if os.path.isfile(path := os.path.join(each, "settings.py"))]
    return [*found, *settings[:_MOST_SETTINGS]]


def _read(path: str) -> bytes | None:
    try:
        # A named pipe in the place of a file is empty, instead of never being opened.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return None
