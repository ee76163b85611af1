"""The scripts of package.json."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.declaration.package_json import service


def run(document: object, *present: str) -> str | None:
    found = service(json.dumps(document).encode(), "package.json", "/work/shop", present)
    return None if found is None else found.run


DEV = {"scripts": {"dev": "vite", "start": "node ."}}


@pytest.mark.parametrize(
    ("document", "present", "expected"),
    [
        (DEV, (), "npm run dev"),
        ({"scripts": {"start": "node ."}}, (), "npm run start"),
        ({"scripts": {"serve": "vue-cli-service serve", "build": "x"}}, (), "npm run serve"),
        ({"scripts": {"build": "x"}}, (), None),
        ({"scripts": {"dev": "", "start": 1}}, (), None),
        ({"scripts": []}, (), None),
        ([], (), None),
        (DEV, ("package-lock.json",), "npm run dev"),
        (DEV, ("yarn.lock",), "yarn run dev"),
        (DEV, ("pnpm-lock.yaml", "package-lock.json"), "pnpm run dev"),
        (DEV, ("bun.lockb",), "bun run dev"),
        ({**DEV, "packageManager": "pnpm@9.1.0+sha512.x"}, ("yarn.lock",), "pnpm run dev"),
        ({**DEV, "packageManager": "rm -rf /@1"}, ("yarn.lock",), "yarn run dev"),
        ({**DEV, "packageManager": 3}, (), "npm run dev"),
    ],
)
def test_scripts(document: object, present: tuple[str, ...], expected: str | None) -> None:
    assert run(document, *present) == expected


def test_a_service() -> None:
    found = service(json.dumps(DEV).encode(), "package.json", "/work/shop", ())
    assert found is not None
    assert (found.name, found.directory, found.source, found.has_port) == (
        "web", "/work/shop", "package.json, script dev", True,
    )  # fmt: skip


@pytest.mark.parametrize("data", [b"{", b"[" * 100_000, b'{"a":' * 20_000])
def test_what_cannot_be_read(data: bytes) -> None:
    with pytest.raises(BrokenMessage, match=r"package\.json cannot be read"):
        service(data, "package.json", "/", ())


@given(data=st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    with suppress(BrokenMessage):
        service(data, "package.json", "/", ())
