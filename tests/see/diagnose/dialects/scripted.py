"""A conversation held with a script: what the server says in each turn, and what was said to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.wire.exchange import Ended, Heard
from homeport.wire.service_url import parse_service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.see.diagnose.case import Talk
    from homeport.see.diagnose.dialects import Dialect
    from homeport.wire.exchange import Turn

_MOST_TURNS = 50


def held(dialect: Dialect, url: str, answers: Iterable[bytes | Heard]) -> tuple[Talk, list[Turn]]:
    """What the dialect makes of the answers; when they are used up the server is silent."""
    talking = dialect.converse(parse_service(url))
    said: list[Turn] = []
    script = iter(answers)
    try:
        turn = next(talking)
        while len(said) < _MOST_TURNS:
            said.append(turn)
            turn = talking.send(
                _heard(turn, next(script, b"")) if turn.wait_ms else Heard(b"", Ended.SILENT)
            )
    except StopIteration as stop:
        talk: Talk = stop.value
        return talk, said
    raise AssertionError(f"no end after {_MOST_TURNS} turns")


def _heard(turn: Turn, answer: bytes | Heard) -> Heard:
    if isinstance(answer, Heard):
        return answer
    enough = bool(answer) and bool(turn.enough(answer))
    return Heard(answer, Ended.ENOUGH if enough else Ended.SILENT)


def survives(dialect: Dialect, url: str, data: bytes) -> bool:
    """Whether it comes to an end that is not healthy, whatever is answered to each turn."""
    talk, _ = held(dialect, url, [data] * _MOST_TURNS)
    return not talk.healthy


def survives_damage(dialect: Dialect, url: str, answers: list[bytes]) -> bool:
    """Whether it comes to an end where one of the answers is cut off, wherever."""
    for place, answer in enumerate(answers):
        for end in range(len(answer)):
            held(dialect, url, [*answers[:place], answer[:end], *answers[place + 1 :]])
    return True
