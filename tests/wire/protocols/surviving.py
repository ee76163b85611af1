"""What every reader has to survive: bytes that are cut off, flipped, or nothing at all."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from homeport.wire.protocols import Protocol, Reader


def readers(protocol: Protocol) -> list[Reader]:
    """Everything of a protocol that reads bytes."""
    found = [protocol.greeting, protocol.nonsense, *(each.read for each in protocol.probes)]
    return [each for each in found if each is not None]


def survives(protocol: Protocol, data: bytes) -> bool:
    """Whether all readers come to a verdict, and one that can be shown."""
    verdicts = [read(data) for read in readers(protocol)]
    return all(each is None or each.told.isprintable() for each in verdicts)


def survives_damage(protocol: Protocol, recorded: bytes) -> bool:
    """Whether the readers survive each beginning of an answer, and the answer with bits flipped."""
    chance = random.Random(len(recorded))
    cut = [recorded[:end] for end in range(len(recorded))]
    flipped = []
    for _ in range(300):
        data = bytearray(recorded)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        flipped.append(bytes(data))
    return all(survives(protocol, data) for data in (*cut, *flipped, recorded * 50))


def no_beginning_is_enough(protocol: Protocol, recorded: bytes) -> bool:
    """Whether an answer is read only when it is whole: a turn ends as soon as it is read."""
    beginnings = [recorded[:end] for end in range(len(recorded))]
    return all(read(data) is None for read in readers(protocol) for data in beginnings)
