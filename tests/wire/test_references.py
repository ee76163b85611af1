"""References from one service to another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BadInput
from homeport.wire.references import references_in, resolve

FACTS = {
    "db": {"url": "postgresql://127.0.0.1:20001/shop", "port": "20001"},
    "web-1": {"url": "http://127.0.0.1:20002"},
}
VARIABLES = {"USER": "ada", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "in_env", "in_run"),
    [
        ("${db.url}", "postgresql://127.0.0.1:20001/shop", "postgresql://127.0.0.1:20001/shop"),
        ("-p ${db.port}!", "-p 20001!", "-p 20001!"),
        ("${web-1.url}/${db.port}", "http://127.0.0.1:20002/20001", "http://127.0.0.1:20002/20001"),
        ("$${db.url}", "${db.url}", "${db.url}"),
        ("$${USER}", "${USER}", "${USER}"),
        ("$$${db.port}", "$${db.port}", "$${db.port}"),
        ("pa$$word $1 $", "pa$$word $1 $", "pa$$word $1 $"),
        ("${USER}", "ada", "${USER}"),
        ("$USER", "$USER", "$USER"),
        ("${NONE:-x y}", "x y", "${NONE:-x y}"),
        ("${EMPTY:-x}", "x", "${EMPTY:-x}"),
        ("${NONE:-}", "", "${NONE:-}"),
        ("${EMPTY}", "", "${EMPTY}"),
        ("${USER:-x}", "ada", "${USER:-x}"),
        ("${file%.txt} ${file##*.} ${#a} ${a:1:2}", None, None),
        ("${db.url", None, None),
        ("${.url} ${db.} ${}", None, None),
    ],
)
def test_references(text: str, in_env: str | None, in_run: str | None) -> None:
    assert resolve(text, FACTS, "x") == (text if in_run is None else in_run)
    assert resolve(text, FACTS, "x", variables=VARIABLES) == (text if in_env is None else in_env)


@pytest.mark.parametrize(
    ("text", "what", "next_step"),
    [
        ("${bd.url}", "homeport.toml:3: there is no service `bd`", "did you mean `db`?"),
        ("${x.url}", "homeport.toml:3: there is no service `x`", "named: db, web-1"),
        ("${db.prot}", "homeport.toml:3: `db` has no `prot`", "did you mean `port`?"),
        ("${db.x}", "homeport.toml:3: `db` has no `x`", "known: port, url"),
        ("${NONE}", "homeport.toml:3: the variable NONE is not set",
         "set it, or write ${NONE:-} for an empty text without it"),
    ],
)  # fmt: skip
def test_what_nobody_knows(text: str, what: str, next_step: str) -> None:
    with pytest.raises(BadInput) as caught:
        resolve(text, FACTS, "homeport.toml:3", variables=VARIABLES)
    assert (caught.value.what, caught.value.next_step) == (what, next_step)


def test_references_in() -> None:
    text = "${db.url} ${web-1.port} $${cache.url} ${HOME} ${db.port}"
    assert references_in(text) == {"db", "web-1"}


@given(text=st.text("${}.:-ab_ \n", max_size=40))
def test_any_text(text: str) -> None:
    try:
        resolved = resolve(text, {"a": {"b": "B"}}, "x", variables={"a": "A"})
    except BadInput:
        return
    assert isinstance(resolved, str)


@given(text=st.text(max_size=60))
def test_a_text_can_be_kept_from_being_resolved(text: str) -> None:
    assert resolve(text.replace("${", "$${"), {}, "x", variables={}) == text
