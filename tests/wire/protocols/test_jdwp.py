from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.jdwp import PROTOCOL


@pytest.mark.parametrize(
    ("command", "port", "harmed"),
    [
        (
            "java -agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=5005 -jar shop.jar",
            5005,
            True,
        ),
        (
            "java -agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=5005 -jar shop.jar",
            8080,
            False,
        ),
        (
            "java -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005 Main",
            5005,
            True,
        ),
        (
            "java -agentlib:jdwp=transport=dt_socket,server=y,address=localhost:5005 Main",
            5005,
            True,
        ),
        (
            "java -agentlib:jdwp=transport=dt_socket,server=y,address=[::1]:5005 Main",
            5005,
            True,
        ),
        (
            "java -Xrunjdwp:transport=dt_socket,address=5005,server=y,suspend=n Main",
            5005,
            True,
        ),
        (
            "java -agentpath:/jdk/libjdwp.so=transport=dt_socket,server=y,address=5005 Main",
            5005,
            True,
        ),
        ("java -agentlib:jdwp=transport=dt_socket,server=y Main", 41234, True),
        (
            "java -agentlib:jdwp=transport=dt_socket,server=y,address=127.0.0.1:0 Main",
            41234,
            True,
        ),
        ("java -agentlib:jdwp=transport=dt_socket,server=n,address=5005 Main", 5005, False),
        ("java -agentlib:jdwp=transport=dt_socket,address=5005 Main", 5005, False),
        ("java -jar shop.jar --port 5005", 5005, False),
    ],
)
def test_a_command_line_tells_whether_a_connection_harms(
    command: str, port: int, *, harmed: bool
) -> None:
    assert PROTOCOL.harm is not None
    assert (PROTOCOL.harm(command.split(), port) is not None) == harmed


@given(st.lists(st.text(max_size=30)), st.integers(1, 65535))
def test_any_command_line_is_survived(argv: list[str], port: int) -> None:
    assert PROTOCOL.harm is not None
    PROTOCOL.harm(argv, port)
    PROTOCOL.harm(["java", *argv], port)
