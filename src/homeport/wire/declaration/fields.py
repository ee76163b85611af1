"""Every field of homeport.toml, once: what is read, the JSON Schema and the reference follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from homeport.model.service import Restart
from homeport.wire.declaration import kinds
from homeport.wire.declaration.checks import HEALTH, READY, check
from homeport.wire.declaration.kinds import Field, object_schema, several, table

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNALS = ("TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "WINCH", "KILL")
"""What a service may be asked with to end."""

SERVICE_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
"""What a service may be called: its name is part of references and of host names."""

_NAME = kinds.matching(
    "the name of a service",
    '"db"',
    SERVICE_NAME,
    "is no name: letters, digits, _ and - are, 63 at most",
)
_HOST = kinds.matching(
    "a host without .localhost",
    '"shop"',
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,8}[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
    "is no host: lower case letters, digits and - are, without .localhost",
)
_SIGNAL = kinds.matching(
    "a signal",
    '"INT"',
    f"(?:SIG)?(?:{'|'.join(SIGNALS)})",
    f"is none of {', '.join(SIGNALS)}",
)
_TIMEOUT = kinds.DURATION
_COUNT = kinds.number("a number from 1 to 1000000", "3", least=1, most=1_000_000)

STOP = (
    Field("signal", _SIGNAL, "With which signal it is asked to end.", "the recipe's, or TERM"),
    Field("time", kinds.DURATION, "How long it has before it is killed.", "10s"),
)
LIMITS = (
    Field("memory", kinds.SIZE, "How much memory all its processes may take."),
    Field("cpus", kinds.PROCESSORS, "How many processors it may keep busy; 0.5 is half of one."),
    Field("processes", _COUNT, "How many processes and threads it may be."),
    Field("open_files", _COUNT, "How many files and sockets each process may have open."),
)
READY_TABLE = (Field("timeout", _TIMEOUT, "How long it may take to become ready.", "60s"),)
HEALTH_TABLE = (
    Field("timeout", _TIMEOUT, "How long one look may take.", "5s"),
    Field("interval", _TIMEOUT, "The time from one look to the next.", "10s"),
    Field("failures", _COUNT, "After how many failures in a row it is unhealthy.", "3"),
)

SERVICE = (
    Field(
        "run",
        kinds.text('"flask run --port $PORT"'),
        "The command line, run by sh in `directory`. PORT and HOST are in its environment.",
        "the recipe knows",
    ),
    Field(
        "recipe",
        kinds.text('"postgresql"'),
        "The kind of server, for Homeport to know how it is run. Its options are further keys.",
        "a plain command",
    ),
    Field(
        "port",
        kinds.PORT,
        "The port that it must have, or false for a worker that listens nowhere.",
        "a free one, the same each time",
    ),
    Field(
        "needs",
        several(_NAME, "a list of services", '["db"]'),
        "Which services have to be ready before. A reference to one (`${db.url}`) needs it, too.",
    ),
    Field(
        "ready",
        check(
            ("tcp", "http", "log", "cmd", "nothing"),
            READY_TABLE,
            '"http:/healthz"',
            READY,
        ),
        "How it is seen to be ready: its port takes a connection, a path is answered with a status "
        "below 400, a line that it prints matches, or a command ends with 0.",
        "the recipe knows, tcp with a port, nothing without",
    ),
    Field(
        "health",
        check(("tcp", "http", "cmd"), HEALTH_TABLE, '"http:/healthz"', HEALTH),
        "What is looked at again and again once it is ready.",
        "nothing is",
    ),
    Field(
        "restart",
        kinds.chosen("a restart policy", '"on-failure"', tuple(each.value for each in Restart)),
        "When it is started again after it ended.",
        "on-failure",
    ),
    Field(
        "watch",
        several(kinds.text('"src/**/*.py"'), "a list of patterns", '["src/**/*.py"]'),
        "Files, as patterns relative to `directory`, whose change restarts it.",
    ),
    Field("env", kinds.ENVIRONMENT, "Its variables. They win over those of [env] and .env."),
    Field(
        "names",
        several(_HOST, "a list of hosts", '["admin.shop"]'),
        "Further hosts under .localhost that lead to it.",
    ),
    Field(
        "directory",
        kinds.text('"backend"'),
        "Where it runs, relative to the file.",
        "the directory of the file",
    ),
    Field(
        "user",
        kinds.text('"nobody"'),
        "As whom it runs; only root may say so. Where the recipe takes a `user`, it is that one.",
        "whoever starts it",
    ),
    Field(
        "limits",
        table(LIMITS, "a table of limits", '{ memory = "512MB" }'),
        "What it may take.",
        "as much as it wants",
    ),
    Field("stop", table(STOP, "a table", '{ signal = "INT", time = "5s" }'), "How it is ended."),
    Field("lazy", kinds.BOOLEAN, "Whether the first request starts it.", "false"),
    Field(
        "guarded",
        kinds.BOOLEAN,
        "Whether the gateway looks at each request, and lets pages of other sites send none.",
        "false",
    ),
    Field(
        "url",
        kinds.text('"postgresql://localhost/shop"'),
        "Where it is, if somebody else runs it: `homeport check` looks there, `up` leaves it out.",
    ),
)
PROJECT = (
    Field(
        "name",
        kinds.text('"shop"'),
        "What the project is called in host names.",
        "the name of its directory",
    ),
)
TOP = ("project", "env", "services")
"""The tables of the file."""


def schema(recipes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The JSON Schema of homeport.toml; `recipes` gives the options of each recipe, by name."""
    service = object_schema(SERVICE)
    properties = service["properties"]
    if recipes:
        properties["recipe"] = {**properties["recipe"], "enum": sorted(recipes)}
        properties["recipe"].pop("pattern", None)
    for option, whose in sorted(_options(recipes).items()):
        told = " ".join(f"{recipe}: {what}" for recipe, what in whose)
        properties.setdefault(option, {"description": told, **kinds.SCALAR})
    service["anyOf"] = [{"required": [one]} for one in ("run", "recipe", "url")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:homeport:homeport.toml:1",
        "title": "homeport.toml",
        "description": "What a project declares, and `homeport up` runs.",
        "type": "object",
        "properties": {
            "project": object_schema(PROJECT),
            "env": {"description": "Variables of every service.", **kinds.ENVIRONMENT.schema},
            "services": {
                "description": "What is run, by name.",
                "type": "object",
                "propertyNames": {"pattern": f"^(?:{SERVICE_NAME})$"},
                "additionalProperties": service,
            },
        },
        "additionalProperties": False,
    }


def _options(recipes: Mapping[str, Mapping[str, str]]) -> dict[str, list[tuple[str, str]]]:
    options: dict[str, list[tuple[str, str]]] = {}
    for recipe, own in sorted(recipes.items()):
        for option, what in own.items():
            options.setdefault(option, []).append((recipe, what))
    return options
