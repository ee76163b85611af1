"""Sentences about BPF programs of cgroups, and when they may be to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.see.diagnose.at_server import queue_is_full
from homeport.see.diagnose.on_the_way import stops

if TYPE_CHECKING:
    from homeport.host.confined import Program
    from homeport.see.diagnose.case import Attempt, Case
    from homeport.see.diagnose.confines import Dropping
    from homeport.wire.unit_limits import UnitLimits


def program_words(program: Program) -> str:
    """A program, where it is attached and by whom, as far as its name tells."""
    whose = ", which is systemd's" if program.of_systemd else ""
    return (
        f"cgroup {program.cgroup} has the BPF program “{program.name or 'without a name'}” (id "
        f"{program.number}) on {program.hook}{whose}"
    )


def proof_words(dropping: Dropping) -> str:
    """What a program said of our packet."""
    number, packet = dropping.program.number, dropping.packet
    return f"program {number}, asked about the {packet} by the kernel, drops it"


def filter_of(case: Case) -> tuple[Program, ...]:
    """Filters of packets around client and server of which it is not known what they let pass.

    Those of systemd were asked about our packets: they are among the dropping ones, or let it be.
    """
    found = [case.confines.client, *case.confines.servers]
    programs = [each for one in found if one is not None for each in one.programs or ()]
    from homeport.host.confined import FILTERS

    unknown = [each for each in programs if each.hook in FILTERS and not each.of_systemd]
    return tuple(dict.fromkeys(unknown))


def no_other_way_to_drop(case: Case, attempt: Attempt) -> bool:
    """Whether somebody listens there, and neither queue, firewall nor table is to blame."""
    refused = case.confines.refused
    return (
        bool(case.serving(attempt.address))
        and not queue_is_full(case)
        and not any(each.obstacle.sure for each in stops(case))
        and not (refused is not None and refused.dropped)
        and case.machine.loopback_up is not False
    )


def limits_of(case: Case, address: str) -> UnitLimits | None:
    """The unit whose IPAddressDeny= is for the address."""
    return next((each for each in case.confines.limits if each.denies(address)), None)


def mend_address(case: Case, found: tuple[Program, ...], limits: UnitLimits | None) -> str:
    """What lets the address pass."""
    address = case.addresses[0].partition("%")[0] if case.addresses else "localhost"
    allowed = "localhost" if case.is_loopback else address
    if limits is not None or any(each.of_systemd for each in found):
        unit = limits.unit if limits is not None else unit_of(found[0].cgroup)
        return (
            f"systemctl edit {unit}, and write: [Service] / IPAddressAllow={allowed}; then "
            f"systemctl restart {unit}"
        )
    return f"bpftool cgroup tree; bpftool prog show id {found[0].number}: stop who attached it"


def unit_of(cgroup: str) -> str:
    """The unit whose cgroup it is, by its name."""
    name = cgroup.rpartition("/")[2]
    return name if "." in name else "UNIT"
