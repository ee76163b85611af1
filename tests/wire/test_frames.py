"""Frames that are shown to filters."""

from homeport.wire.frames import syn


def test_a_syn_over_ipv4() -> None:
    frame = syn(("127.0.0.1", 40000), ("127.0.0.1", 8000))
    assert frame[12:14] == b"\x08\x00"
    assert frame[14] == 0x45
    assert (frame[23], frame[26:30], frame[30:34]) == (6, b"\x7f\0\0\1", b"\x7f\0\0\1")
    assert frame[34:38] == (40000).to_bytes(2, "big") + (8000).to_bytes(2, "big")
    assert (len(frame), frame[47]) == (54, 0x02)


def test_an_answer_over_ipv6() -> None:
    frame = syn(("::1", 8000), ("fe80::1", 40000), answers=True)
    assert frame[12:14] == b"\x86\xdd"
    assert (frame[14] >> 4, frame[20], frame[18:20]) == (6, 6, b"\0\x14")
    assert (len(frame), frame[67]) == (74, 0x12)
