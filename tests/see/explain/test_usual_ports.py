import re

from homeport.model.endpoint import Transport
from homeport.see.explain.browser_ports import BAD_PORTS, browsers_refuse
from homeport.see.explain.usual_ports import usual_for, usual_ports


def test_there_are_at_least_250_ports() -> None:
    assert len({entry.port for entry in usual_ports()}) >= 250


def test_entries_are_unique_and_in_order() -> None:
    keys = [(e.port, e.transport, e.product.lower(), e.purpose) for e in usual_ports()]
    assert keys == sorted(keys)
    products = [(e.port, e.transport, e.product) for e in usual_ports()]
    assert len(set(products)) == len(products)


def test_every_entry_says_what_it_is_and_where_that_is_written() -> None:
    for entry in usual_ports():
        assert 0 < entry.port <= 65535
        assert entry.transport in (Transport.TCP, Transport.UDP)
        assert entry.product
        assert entry.purpose
        assert len(entry.product) <= 40, entry
        assert len(entry.purpose) <= 72, entry
        written = re.fullmatch(r"RFC \d+(, [\d.]+)?|https?://\S+", entry.source)
        assert written or entry.product == "Homeport", entry


def test_well_known_ones() -> None:
    assert [entry.product for entry in usual_for(5432)] == ["PostgreSQL"]
    assert "Flask" in [entry.product for entry in usual_for(5000)]
    assert "macOS AirPlay Receiver" in [entry.product for entry in usual_for(5000)]
    assert [entry.transport for entry in usual_for(53)] == [Transport.TCP, Transport.UDP]
    assert usual_for(62893)[0].product == "Homeport"
    assert usual_for(62894) == ()


def test_browsers() -> None:
    assert browsers_refuse(6000)
    assert browsers_refuse(10080)
    assert not browsers_refuse(8080)
    assert len(BAD_PORTS) == 83
