"""Labels of host names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.declaration.labels import label


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("shop", "shop"),
        ("My Shop", "my-shop"),
        ("feature/Login_Form", "feature-login-form"),
        ("-a--b-", "a-b"),
        ("2048", "2048"),
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("Straße", "strasse"),
        ("ﬁsh", "fish"),
        ("Бухгалтерия", "xn--80abgjpq0bofu1j"),
        ("日本語", "xn--wgv71a119e"),
        ("xn--wgv71a119e", "xn--wgv71a119e"),
        ("xn--not punycode", "xn-not-punycode"),
        ("!!!", "x-0638f078"),
        ("", "x-00000000"),
    ],
)
def test_labels(text: str, made: str) -> None:
    assert label(text) == made


def test_what_browsers_make_of_it_is_the_same() -> None:
    assert label("日本語") == "日本語".encode("idna").decode("ascii")


def test_long_names_stay_two() -> None:
    for letter in ("a", "д", "語"):
        first, second = label(letter * 100 + "1"), label(letter * 100 + "2")
        assert first != second
        assert max(len(first), len(second)) <= 63


@given(text=st.text())
def test_any_name(text: str) -> None:
    made = label(text)
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", made)
    assert label(made) == made
