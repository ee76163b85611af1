"""Whatever bytes come, the gateway goes on, keeps nothing, and mixes nobody's with another's."""

from __future__ import annotations

import os
import random
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.run.gateway.conftest import connected, exchange, get, rest_of
from tests.support import wait_until
from tests.wire.hostile_requests import HOSTILE, HOSTILE_BODIES

if TYPE_CHECKING:
    from homeport.run.gateway.registration import Registration

HOSTS = (b"api.shop", b"guarded.shop", b"nobody.shop")
SMALL = [each.data for each in HOSTILE + HOSTILE_BODIES if len(each.data) < 1000]
PIECES = [
    b"\r\n",
    b"\n",
    b"\0",
    b" ",
    b":",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"\x16\3\1\0\5",
    b"HTTP/1.1",
]


def hostile(dice: random.Random) -> bytes:
    """One of the hostile requests, good ones around it, and some bytes changed."""
    host = dice.choice(HOSTS)
    good = get(f"{host.decode()}.localhost", f"/{dice.random()}")
    data = bytearray(good * dice.randrange(3) + dice.choice(SMALL) + good * dice.randrange(2))
    data = data.replace(b"api.shop", host)
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(data))
        data[at : at + dice.randrange(2)] = dice.choice(PIECES)
    return bytes(data)


def send(port: int, data: bytes, dice: random.Random) -> bytes:
    with connected(port) as client, suppress(OSError):  # it may be closed at any point
        at = 0
        while at < len(data):
            size = dice.choice((1, 7, 100, 1000))
            client.sendall(data[at : at + size])
            at += size
        if dice.random() < 0.8:
            client.shutdown(socket.SHUT_WR)
            return rest_of(client)
    return b""


@pytest.mark.slow
def test_hostile_streams_on_many_connections(
    standing: tuple[Registration, list[socket.socket]],
) -> None:
    registration, _ = standing
    port, seed = registration.port, 62893
    wrong: list[str] = []

    def attack(number: int) -> None:
        dice = random.Random(seed + number)
        for _ in range(60):
            got = send(port, hostile(dice), dice)
            if got and not got.startswith(b"HTTP/1.1 "):
                wrong.append(repr(got[:100]))

    def be_good(number: int) -> None:
        for turn in range(60):
            path = f"/good-{number}-{turn}"
            got = exchange(port, get("api.shop.localhost", path), half_close=True)
            if got.count(b"HTTP/1.1 200") != 1 or f"GET {path} ".encode() not in got:
                wrong.append(f"{path}: {got[:200]!r}")

    threads = [threading.Thread(target=attack, args=(number,)) for number in range(4)]
    threads += [threading.Thread(target=be_good, args=(number,)) for number in range(2)]
    before = len(os.listdir(f"/proc/{registration.pid}/fd"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert not wrong
    assert registration.receive() == []
    wait_until(lambda: len(os.listdir(f"/proc/{registration.pid}/fd")) <= before, seconds=15)
