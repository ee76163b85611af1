"""Writes the JSON Schema of homeport.toml, with the recipes of now, into the package."""

from __future__ import annotations

import json
from pathlib import Path

from homeport.run.recipes import catalog
from homeport.wire.declaration.fields import schema

FILE = Path(__file__).parent.parent / "src/homeport/report/schemas/homeport-toml-1.json"


def text() -> str:
    """What the file has to hold."""
    recipes = {recipe.name: dict(recipe.options) for recipe in catalog().values()}
    return json.dumps(schema(recipes), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
