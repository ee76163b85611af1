"""MQTT: a CONNECT, answered by a CONNACK (MQTT 3.1.1, 3.1 and 3.2).

First a CONNECT of a protocol level that nobody speaks: the server has to refuse it with return code
1 and close (3.1.2.2), before it asks who is there; no session is made. A broker that closes without
an answer is then sent a CONNECT of level 4 with a clean session and an empty client id: an id in
use would throw its client out. DISCONNECT ends that session. A refusal is MQTT all the same.
"""

from __future__ import annotations

from homeport.wire.protocols import Finding, Probe, Protocol

_LEVEL = 4
_NOBODYS_LEVEL = 0x7F
_CLEAN = b"\x02"
_KEEP_ALIVE = b"\x00\x0a"
_NO_ID = b"\x00\x00"
_DISCONNECT = b"\xe0\x00"
_ANSWERS = {
    0: "accepted",
    1: "unacceptable protocol version",
    2: "identifier rejected",
    3: "server unavailable",
    4: "bad user name or password",
    5: "not authorized",
    # MQTT 5, 3.2.2.2: a server that speaks only that may answer in it.
    0x84: "unsupported protocol version",
    0x87: "not authorized",
}


def _connect(level: int) -> bytes:
    body = b"\x00\x04MQTT" + bytes([level]) + _CLEAN + _KEEP_ALIVE + _NO_ID
    return b"\x10" + bytes([len(body)]) + body


def _connack(data: bytes) -> Finding | None:
    """Flags may only be set in an acceptance; MQTT 5 appends its properties."""
    if len(data) < 4 or data[0] != 0x20 or not 2 <= data[1] <= 127 or data[2] > 1:
        return None
    answer = _ANSWERS.get(data[3])
    if answer is None or (data[2] == 1 and data[3] != 0) or len(data) > data[1] + 2:
        return None
    return Finding("mqtt", f"CONNACK ({answer})")


PROTOCOL = Protocol(
    name="mqtt",
    source="https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html",
    ports=frozenset({1883, 8883}),
    programs={"mosquitto": "Mosquitto", "nanomq": "NanoMQ", "emqx": "EMQX"},
    probes=(
        Probe("an MQTT CONNECT of no known version", _connect(_NOBODYS_LEVEL), _connack),
        Probe("an MQTT CONNECT", _connect(_LEVEL), _connack, _DISCONNECT),
    ),
    common=3,
    alpn=("mqtt",),
)
