"""What this process may do to others: its capabilities, and whether it sees all processes."""

from __future__ import annotations

import os

CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF = 12, 19, 21, 38, 39

# PROC_PID_INIT_INO and PROC_TIME_INIT_INO, include/linux/proc_ns.h
_FIRST_PID_NAMESPACE, _FIRST_TIME_NAMESPACE = 0xEFFF_FFFC, 0xEFFF_FFFA


def effective_capabilities(proc: str = "/proc") -> int:
    """What this thread may do now: bits by the numbers of capabilities(7); 0 if unknown."""
    try:
        with open(f"{proc}/thread-self/status", "rb") as file:
            status = file.read()
        return int(status.partition(b"\nCapEff:")[2].split(maxsplit=1)[0], 16)
    except (OSError, IndexError, ValueError):
        return 0


def in_first_pid_namespace(proc: str = "/proc") -> bool:
    """Whether pids here are those that the kernel itself uses, and no process is outside."""
    try:
        return os.stat(f"{proc}/self/ns/pid").st_ino == _FIRST_PID_NAMESPACE
    except OSError:
        return False


def in_first_time_namespace(proc: str = "/proc") -> bool:
    """Whether time since boot is the same here as for the kernel itself."""
    try:
        return os.stat(f"{proc}/self/ns/time").st_ino == _FIRST_TIME_NAMESPACE
    except OSError:
        # Before Linux 5.6 there was only one.
        return True
