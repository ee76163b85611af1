"""The public names: all of them load, and loading the package loads nothing."""

from __future__ import annotations

import pytest

import homeport
from tests.support import printed_by


@pytest.mark.parametrize("name", homeport.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(homeport, name) is not None
    assert name in dir(homeport)


def test_other_names_are_refused_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = homeport.nothing


def test_importing_the_package_loads_none_of_its_rooms() -> None:
    code = "import homeport, sys; print([name for name in sys.modules if 'homeport.' in name])"
    assert printed_by(code) == "[]\n"
