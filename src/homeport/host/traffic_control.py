"""What drops packets at an interface itself: traffic control, XDP. Linux, by tc(8) and ip(8)."""

from __future__ import annotations

import shutil
import socket
import subprocess

from homeport.host.bpf import attached, program_name, program_with
from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple
from homeport.wire.traffic_control import Discipline, parse_disciplines, parse_xdp

_TIMEOUT_S = 2
_PLACES = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"
# enum bpf_attach_type, Linux 6.6 and later.
_TCX = {"tcx ingress": 46, "tcx egress": 47}


class Crossing(NamedTuple):
    """An interface, its disciplines, and the BPF programs that its packets pass."""

    interface: str
    disciplines: tuple[Discipline, ...] = ()
    programs: tuple[str, ...] = ()


def crossing(interface: str) -> Crossing:
    """What stands at an interface of the calling thread's namespace, as far as it may be seen."""
    found = _asked("tc", "-json", "-s", "qdisc", "show", "dev", interface)
    try:
        disciplines = parse_disciplines(found)
    except BrokenMessage:
        disciplines = ()
    xdp = parse_xdp(_asked("ip", "-json", "-details", "link", "show", "dev", interface))
    programs = [] if xdp is None else [f"XDP: {xdp}"]
    return Crossing(interface, disciplines, (*programs, *_tcx(interface)))


def _tcx(interface: str) -> list[str]:
    found = []
    try:
        index = socket.if_nametoindex(interface)
        for hook, number in _TCX.items():
            for each in attached(index, number):
                with program_with(each) as opened:
                    found.append(f"{hook}: {program_name(opened) or 'BPF'} (id {each})")
    except OSError:
        return found
    return found


def _asked(program: str, *words: str) -> bytes:
    path = shutil.which(program, path=_PLACES)
    if path is None:
        return b""
    try:
        return subprocess.run(
            [path, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return b""
