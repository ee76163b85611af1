"""The directive `schemas`: every JSON Schema that the package ships, as it ships it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class SchemasDirective(Directive):
    """Shows the schemas, one below the other."""

    def run(self) -> list[nodes.Node]:
        """A title and the text of each."""
        found: list[nodes.Node] = []
        for file in sorted(files("homeport.report").joinpath("schemas").iterdir(), key=str):
            if file.name.endswith(".json"):
                text = file.read_text(encoding="utf-8")
                found.append(nodes.rubric("", json.loads(text).get("title", file.name)))
                found.append(nodes.literal_block(text, text, language="json"))
        return found


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directive."""
    app.add_directive("schemas", SchemasDirective)
    return {"parallel_read_safe": True}
