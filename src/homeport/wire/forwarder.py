"""What the arguments of a port forwarder say: which port of this machine goes where.

Known are docker-proxy, pasta (passt(1)), and podman's conmon(8). Others (rootlesskit, rootlessport,
slirp4netns) are told over a pipe, and their arguments say nothing.
"""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.record import NamedTuple


class Forward(NamedTuple):
    """A port of this machine and where what comes to it is sent.

    `address` is that of the container, None where the arguments name only its port.
    """

    transport: Transport
    host_port: int
    port: int
    address: str | None = None


def parse_docker_proxy(argv: tuple[str, ...]) -> Forward | None:
    """The one port that a docker-proxy forwards, None where its arguments say no such thing."""
    options = dict(_options(argv))
    host_port, port = _port(options.get("host-port")), _port(options.get("container-port"))
    address = options.get("container-ip")
    transport = {"tcp": Transport.TCP, "udp": Transport.UDP}.get(options.get("proto", "tcp"))
    if transport is None or host_port is None or port is None or not address:
        return None
    return Forward(transport, host_port, port, address)


def parse_pasta(argv: tuple[str, ...], transport: Transport, host_port: int) -> Forward | None:
    """Where pasta sends one port: options -t and -u, `[address/]first[-last][:first[-last]]`."""
    wanted = ("t", "tcp-ports") if transport is not Transport.UDP else ("u", "udp-ports")
    for name, value in _options(argv):
        for specification in value.split(",") if name in wanted else ():
            port = _mapped(specification.rpartition("/")[2], host_port)
            if port is not None:
                return Forward(transport, host_port, port)
    return None


def parse_conmon(argv: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The id and the name of the container that a conmon watches over."""
    options = dict(_options(argv))
    return options.get("cid", options.get("c")), options.get("name", options.get("n"))


def parse_activate(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command that a systemd-socket-activate(1) starts on the first connection."""
    words = iter(argv[1:])
    for word in words:
        if not word.startswith("-"):
            return (word, *words)
        if word in ("-l", "--listen", "-E", "--setenv", "--fdname"):
            next(words, None)
    return ()


def _options(argv: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names, without their dashes, and values: of `-x v`, `--x v`, `-x=v` and `--x=v`."""
    found = []
    for word, following in zip(argv, (*argv, "")[1:], strict=True):
        name, equals, value = word.partition("=")
        if name.startswith("-") and name.strip("-"):
            # Two dashes at most: a third one would be part of the name.
            found.append((name[2:] if name.startswith("--") else name[1:], value))
            if not equals and not following.startswith("-"):
                found[-1] = (found[-1][0], following)
    return found


def _mapped(specification: str, host_port: int) -> int | None:
    """The port that `first[-last][:first[-last]]` gives a port of the host, None for others."""
    source, _, target = specification.partition(":")
    first, _, last = source.partition("-")
    low, high = _port(first), _port(last or first)
    if low is None or high is None or not low <= host_port <= high:
        return None
    base = low if not target else _port(target.partition("-")[0])
    return None if base is None else base + host_port - low


def _port(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 5:
        return None
    return int(text) if 0 < int(text) <= 65535 else None
