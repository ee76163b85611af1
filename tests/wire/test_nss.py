from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.nss import all_names, profile_paths, trusted_names

LISTING = """\

Certificate Nickname                                         Trust Attributes
                                                             SSL,S/MIME,JAR/XPI

Homeport local authority ac527f2d                            C,,\x20\x20
somebody's                                                   u,u,u
with, commas                                                 CT,C,C
"""

PROFILES = """\
[Install4F96D1932A9F858E]
Default=abc.default-esr
Locked=1

[Profile1]
Name=default
IsRelative=1
Path=xyz.default
Default=1

[Profile0]
Name=elsewhere
IsRelative=0
Path=/srv/profile

[General]
StartWithLastProfile=1
Path=no-profile
"""


def test_the_list_of_certutil() -> None:
    assert trusted_names(LISTING) == {"Homeport local authority ac527f2d", "with, commas"}
    assert all_names(LISTING) == {*trusted_names(LISTING), "somebody's"}
    assert all_names("") == frozenset()


def test_profiles() -> None:
    assert profile_paths(PROFILES) == ("abc.default-esr", "xyz.default", "/srv/profile")
    assert profile_paths("") == ()


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    assert trusted_names(text) <= all_names(text)
    profile_paths(text)


def test_long_lines_take_no_longer() -> None:
    assert all_names(" " * 200_000 + "\n" + "a " * 100_000) == frozenset()
