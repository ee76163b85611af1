"""Events as lines, as a screen, as JSON, and as environment variables."""

from __future__ import annotations

import json
import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.event import Event, EventKind
from homeport.model.process import Certainty, Process, Project
from homeport.model.sockets import Listener
from homeport.report.cells import Context
from homeport.report.events_json import event_environment, event_json
from homeport.report.events_text import View, event_line, event_notification, frame
from homeport.report.style import Style, columns
from tests.schemas import validate

if TYPE_CHECKING:
    from collections.abc import Generator

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "watch-1.json").read_text("utf-8"))
S = 1_000_000_000
T0 = 1_795_442_531 * S + 250_000_000  # 2026-11-23T14:02:11.250Z
HOSTILE = "ev\x1b]0;x\x07il\n\u202eame\udcff"
PROJECT = Project("/src/shop", "shop", ".git", branch="main")
MASTER = Process(
    pid=812,
    start_ticks=1,
    started_ns=T0 - 60 * S,
    name="postgres",
    argv=("postgres", "-D", "/x"),
    cwd="/src/shop",
    uid=0,
    user="pg",
    project=PROJECT,
)
WORKER = Process(pid=950, start_ticks=2, name="postgres", argv=("postgres",))
ENDPOINT = Endpoint(Transport.TCP, "127.0.0.1", 5432)
OPENED = Event(T0, EventKind.OPENED, ENDPOINT, 5, 1, (MASTER,), certainty=Certainty.SEEN)
CHANGED = OPENED._replace(kind=EventKind.OWNER_CHANGED, owners=(MASTER, WORKER), previous=(WORKER,))
PASSED = Event(T0, EventKind.PASSED, Endpoint(Transport.UDP, "::1", 53), 0, 1)
HOSTILE_EVENT = OPENED._replace(
    owners=(Process(pid=1, start_ticks=1, name=HOSTILE, argv=(HOSTILE,), cwd=HOSTILE),),
    endpoint=ENDPOINT._replace(interface="eth\x1b0"),
)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC0")
        time.tzset()
        yield
    time.tzset()


def test_an_opening_as_a_line() -> None:
    assert event_line(OPENED, Style()) == (
        "2026-11-23 14:02:11  opened     127.0.0.1:5432         postgres  postgres 812  shop (main)"
    )


def test_a_new_owner_as_a_line() -> None:
    line = event_line(CHANGED, Style())
    assert "new owner" in line
    assert line.endswith("postgres 812 +1  shop (main)  (was postgres 950)")


def test_a_passing_socket_as_a_line() -> None:
    line = event_line(PASSED, Style())
    assert "passed" in line
    assert "udp [::1]:53" in line


def test_a_line_is_cut_only_for_a_terminal() -> None:
    assert columns(event_line(CHANGED, Style(width=60))) == 60
    assert len(event_line(CHANGED, Style())) > 60


@pytest.mark.parametrize("event", [OPENED, CHANGED, PASSED, HOSTILE_EVENT])
def test_a_line_holds_no_control_characters(event: Event) -> None:
    assert event_line(event, Style()).isprintable()
    assert event_line(event, Style(color=True)).replace("\x1b[", "").isprintable()
    assert all(text.isprintable() for text in event_notification(event))


@pytest.mark.parametrize("event", [OPENED, CHANGED, PASSED, HOSTILE_EVENT])
def test_an_event_is_a_line_of_json_as_the_schema_says(event: Event) -> None:
    line = event_json(event)
    assert "\n" not in line
    loaded: dict[str, Any] = json.loads(line)
    json.dumps(loaded, ensure_ascii=False).encode("utf-8")
    validate(loaded, SCHEMA)


def test_the_schema_is_one_and_refuses_what_is_wrong() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    loaded = json.loads(event_json(OPENED))
    loaded["event"] = "exploded"
    with pytest.raises(ValidationError):
        validate(loaded, SCHEMA)


def test_the_fields_of_json() -> None:
    loaded = json.loads(event_json(CHANGED))
    assert loaded["schema"] == "homeport/watch@1"
    assert (loaded["event"], loaded["at"]) == ("owner changed", "2026-11-23T14:02:11.250Z")
    assert (loaded["address"], loaded["port"], loaded["scope"]) == ("127.0.0.1", 5432, "loopback")
    assert [owner["pid"] for owner in loaded["owners"]] == [812, 950]
    assert [owner["pid"] for owner in loaded["previous"]] == [950]
    assert json.loads(event_json(PASSED))["inode"] is None


def test_the_environment_of_a_command() -> None:
    assert event_environment(CHANGED) == {
        "HOMEPORT_EVENT": "owner changed",
        "HOMEPORT_TIME": "2026-11-23T14:02:11.250Z",
        "HOMEPORT_TRANSPORT": "tcp",
        "HOMEPORT_ADDRESS": "127.0.0.1",
        "HOMEPORT_PORT": "5432",
        "HOMEPORT_INTERFACE": "",
        "HOMEPORT_PID": "812",
        "HOMEPORT_NAME": "postgres",
        "HOMEPORT_USER": "pg",
        "HOMEPORT_CWD": "/src/shop",
        "HOMEPORT_PROJECT": "shop",
    }
    assert event_environment(PASSED)["HOMEPORT_PID"] == ""


def listener(port: int, address: str = "127.0.0.1") -> Listener:
    return Listener(
        endpoint=Endpoint(Transport.TCP, address, port),
        inode=port,
        netns=1,
        uid=0,
        certainty=Certainty.SEEN,
        owners=(MASTER,),
    )


def view(count: int = 3, events: tuple[Event, ...] = (CHANGED, OPENED)) -> View:
    return View(
        listeners=[listener(5000 + number) for number in range(count)],
        events=events,
        notices=(),
        began_ns=T0 - 5 * S,
        now_ns=T0 + S,
        total=len(events),
        how_to_end="q ends",
    )


CONTEXT = Context(T0, frozenset({0}), {})


def shown(view: View, width: int, height: int) -> list[str]:
    return frame(view, CONTEXT, Style(width=width), height)


def test_a_screen_shows_changes_above_what_is_open() -> None:
    text = "\n".join(shown(view(), 100, 30))
    assert "3 open, 2 changes since 14:02:06  (q ends)" in text
    assert text.index("new owner") < text.index("opened") < text.index("127.0.0.1:5000")
    assert "postgres 812" in text
    assert "shop (main)" in text


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("height", [1, 2, 5, 12, 24, 60])
def test_a_screen_fits(width: int, height: int) -> None:
    many = view(50, (HOSTILE_EVENT, CHANGED, OPENED, PASSED) * 20)
    many = many._replace(notices=("a notice " * 30,))
    lines = shown(many, width, height)
    assert len(lines) <= height
    assert all(columns(line) <= width for line in lines)
    assert all(line.isprintable() for line in lines)


def test_at_forty_columns_the_port_can_be_read() -> None:
    text = "\n".join(shown(view(), 40, 20))
    assert "127.0.0.1:5432" in text
    assert "127.0.0.1:5001" in text
    assert "opened" in text


def test_what_does_not_fit_is_counted() -> None:
    lines = shown(view(50, ()), 80, 10)
    assert len(lines) == 10
    shown_ports = sum("127.0.0.1:50" in line for line in lines)
    assert lines[-1].startswith(f"and {50 - shown_ports} more")


def test_an_empty_machine_is_said() -> None:
    assert "Nothing is listening." in shown(view(0, ()), 80, 10)


def test_a_new_listener_is_marked_for_a_while() -> None:
    fresh = OPENED._replace(endpoint=listener(5001).endpoint, inode=5001)
    color = Style(width=100, color=True)

    def marked(at: View) -> bool:
        return "\x1b[32m127.0.0.1:5001\x1b[0m" in "\n".join(frame(at, CONTEXT, color, 30))

    assert marked(view(3, (fresh,)))
    assert not marked(view(3, (fresh,))._replace(now_ns=T0 + 11 * S))


@given(st.integers(10, 120), st.integers(1, 60), st.integers(0, 40), st.integers(0, 10))
def test_any_screen_fits(width: int, height: int, listeners: int, events: int) -> None:
    lines = shown(view(listeners, (CHANGED,) * events), width, height)
    assert 0 < len(lines) <= height
    assert all(columns(line) <= width for line in lines)
