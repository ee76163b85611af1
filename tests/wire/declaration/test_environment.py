"""Which variables win."""

from __future__ import annotations

import pytest

from homeport.model.errors import BadInput
from homeport.model.service import Check, CheckKind, Declaration, Service
from homeport.wire.declaration.environment import environment, with_filled_checks

SERVICE = Service(
    name="web", directory="/", source="homeport.toml:3", env=(("E", "service"), ("F", "service"))
)
DECLARED = Declaration(
    root="/",
    name="x",
    branch=None,
    source="homeport.toml",
    services=(SERVICE,),
    env=(("D", "env"), ("E", "env"), ("F", "env")),
    dotenv=tuple((name, ".env") for name in "BCDEF"),
)
GIVEN = {
    "outer": dict.fromkeys("ABCDEF", "outer"),
    "facts": {"db": {"url": "postgresql://x"}},
    "exports": tuple((name, "exports") for name in "CDEF"),
    "own": (("F", "own"),),
}


def test_the_later_wins() -> None:
    assert environment(DECLARED, SERVICE, **GIVEN) == {  # type: ignore[arg-type]
        "A": "outer",
        "B": ".env",
        "C": "exports",
        "D": "env",
        "E": "service",
        "F": "own",
    }


def test_what_else_runs_in_the_project_has_no_service() -> None:
    made = environment(DECLARED, None, outer={}, facts={})
    assert made == {"B": ".env", "C": ".env", "D": "env", "E": "env", "F": "env"}


def test_references_to_services_to_variables_and_to_the_former_value() -> None:
    declared = DECLARED._replace(env=(("PATH", "bin:${PATH}"), ("URL", "${db.url}/${B}")))
    made = environment(declared, None, outer={"PATH": "/bin"}, facts=GIVEN["facts"])  # type: ignore[arg-type]
    assert (made["PATH"], made["URL"]) == ("bin:/bin", "postgresql://x/.env")


def test_a_reference_to_what_is_set_in_the_end_is_that() -> None:
    declared = DECLARED._replace(dotenv=(("PORT", "3000"), ("URL", "http://x:${PORT}")), env=())
    own = (("PORT", "21234"),)
    made = environment(declared, None, outer={"PORT": "80"}, facts={}, own=own)
    assert made == {"PORT": "21234", "URL": "http://x:21234"}


def test_where_a_reference_is_wrong() -> None:
    wrong = SERVICE._replace(env=(("A", "${bd.url}"),))
    with pytest.raises(BadInput, match=r"homeport\.toml:3, env, A: there is no service `bd`"):
        environment(DECLARED, wrong, outer={}, facts={"db": {}})


def test_references_in_checks() -> None:
    service = SERVICE._replace(
        run="serve ${db.url}", ready=Check(CheckKind.COMMAND, "look ${db.url} ${HOME} $${db.url}")
    )
    filled = with_filled_checks(service, GIVEN["facts"])  # type: ignore[arg-type]
    assert filled.ready == Check(CheckKind.COMMAND, "look postgresql://x ${HOME} ${db.url}")
    assert filled._replace(ready=service.ready) == service
    with pytest.raises(BadInput, match=r"homeport\.toml:3, ready: there is no service `db`"):
        with_filled_checks(service, {})
