"""Every rule file and every dialect: complete, unique, written the same way."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module

import pytest

from homeport.model.diagnosis import Layer
from homeport.see.diagnose import dialects as dialects_room
from homeport.see.diagnose import rules as rules_room
from homeport.see.diagnose.catalog import dialect, rules
from homeport.see.diagnose.dialects import Dialect
from homeport.see.diagnose.rule import Rule
from homeport.wire.service_url import parse_service

NAMES = sorted(each.name for each in pkgutil.iter_modules(rules_room.__path__))
DIALECTS = sorted(each.name for each in pkgutil.iter_modules(dialects_room.__path__))
each_rule = pytest.mark.parametrize("name", NAMES)


def rule(name: str) -> Rule:
    found = import_module(f"homeport.see.diagnose.rules.{name}").RULE
    assert isinstance(found, Rule)
    return found


def test_all_of_them_are_known() -> None:
    assert [each.id for each in rules()] == [rule(name).id for name in NAMES]


def test_no_two_share_an_id_or_a_title() -> None:
    ids = [each.id for each in rules()]
    assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)
    titles = [each.title for each in rules()]
    assert len(titles) == len(set(titles)), [each for each in titles if titles.count(each) > 1]


@each_rule
def test_the_file_is_named_after_the_id(name: str) -> None:
    found = rule(name)
    assert name.partition("_")[0] == found.id.lower()
    assert re.fullmatch(r"[A-Z]([0-9]{1,2}|X)", found.id)
    assert isinstance(found.layer, Layer)


@each_rule
def test_everything_is_written(name: str) -> None:
    found = rule(name)
    for text in (found.title, found.symptom, found.looks_for, found.fix):
        assert text == " ".join(text.split())
        assert text
        assert not text.endswith((".", "!", ":"))


@each_rule
def test_the_file_opens_with_its_id(name: str) -> None:
    text = inspect.getdoc(import_module(f"homeport.see.diagnose.rules.{name}")) or ""
    assert text.startswith(f"{rule(name).id}: ")


def test_a_layer_that_can_fail_unexplained_has_a_last_resort() -> None:
    general = {each.layer for each in rules() if each.general}
    assert {Layer.NAME, Layer.LISTENER, Layer.TLS, Layer.PROTOCOL, Layer.APPLICATION} <= general


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_begins_a_conversation(name: str) -> None:
    found = dialect(name)
    assert isinstance(found, Dialect)
    service = parse_service(f"{name}://me:x@localhost:1/a")
    turn = next(found.converse(service._replace(user=service.user or "me")))
    assert turn.fresh


@pytest.mark.parametrize(
    "scheme", ["http", "https", "ws", "wss", "postgresql", "mysql", "redis", "rediss"]
)
def test_what_is_spoken_to(scheme: str) -> None:
    assert dialect(scheme) is not None


@pytest.mark.parametrize("scheme", [None, "", "nosuchscheme", "../http", "__init__"])
def test_what_nobody_knows_to_speak(scheme: str | None) -> None:
    assert dialect(scheme) is None
