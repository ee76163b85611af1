import socket

from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Transport
from homeport.wire.services import names_for, parse_services

FILE = b"""# services, as netbase ships them
tcpmux\t\t1/tcp\t\t\t\t# TCP port service multiplexer
http\t\t80/tcp\t\twww\t\t# WorldWideWeb HTTP
  postgresql 5432/tcp postgres # a line that is indented
#ghost\t\t4711/tcp
domain\t\t53/tcp
domain\t\t53/udp
broken
noport\t\t/tcp
words\t\tmany/tcp
high\t\t70000/tcp
huge\t\t99999999999999999999/tcp
sctponly\t9899/sctp
first\t\t1234/tcp
second\t\t1234/tcp
caf\xe9\t\t4712/tcp
last\t\t15432/tcp"""


def test_reads_names_aliases_and_transports() -> None:
    entries = {(e.port, e.transport): e for e in parse_services(FILE)}
    assert entries[80, Transport.TCP].name == "http"
    assert entries[80, Transport.TCP].aliases == ("www",)
    assert entries[53, Transport.UDP].name == "domain"
    assert entries[5432, Transport.TCP].aliases == ("postgres",)


def test_passes_over_comments_and_broken_lines() -> None:
    names = [entry.name for entry in parse_services(FILE)]
    assert names == [
        "tcpmux", "http", "postgresql", "domain", "domain", "first", "second", "caf\ufffd", "last",
    ]  # fmt: skip


def test_a_few_names_without_parsing_the_file() -> None:
    asked = [(80, "tcp"), (80, "udp"), (53, "udp"), (5432, "tcp"), (4711, "tcp"), (15432, "tcp")]
    assert names_for(FILE, asked) == {
        (80, "tcp"): "http",
        (53, "udp"): "domain",
        (5432, "tcp"): "postgresql",
        (15432, "tcp"): "last",
    }


def test_the_first_of_two_names_counts() -> None:
    assert names_for(FILE, [(1234, "tcp")]) == {(1234, "tcp"): "first"}


@given(st.binary() | st.lists(st.sampled_from(FILE.split(b"\n"))).map(b"\n".join))
def test_the_search_agrees_with_the_parser_on_any_bytes(data: bytes) -> None:
    parsed: dict[tuple[int, str], str] = {}
    for entry in parse_services(data):
        parsed.setdefault((entry.port, entry.transport.value), entry.name)
    for pair, name in parsed.items():
        if b"%d/" % pair[0] in data:  # written without leading zeros
            assert names_for(data, [pair]) == {pair: name}


@given(st.binary() | st.lists(st.sampled_from(FILE.split(b"\n"))).map(b"\n".join))
def test_many_names_at_once_are_those_of_the_parser(data: bytes) -> None:
    parsed: dict[tuple[int, str], str] = {}
    for entry in parse_services(data):
        parsed.setdefault((entry.port, entry.transport.value), entry.name)
    others = {(port, "udp") for port in range(20_000, 20_200)} - parsed.keys()
    assert names_for(data, others | parsed.keys()) == parsed


def test_agrees_with_the_c_library() -> None:
    with open("/etc/services", "rb") as file:  # netbase is in tools/debian-packages.txt
        data = file.read()
    for port in (22, 80, 443, 5432, 6379, 62893):
        try:
            expected = {(port, "tcp"): socket.getservbyport(port, "tcp")}
        except OSError:
            expected = {}
        assert names_for(data, [(port, "tcp")]) == expected
