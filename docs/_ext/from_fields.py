"""The directive `toml-fields`: what the tables of homeport.toml may hold.

Made from the table by which the file is read, so that the reference cannot fall behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive

from homeport.wire.declaration import fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

    from homeport.wire.declaration.kinds import Field

TABLES = {
    "project": fields.PROJECT,
    "service": fields.SERVICE,
    "limits": fields.LIMITS,
    "stop": fields.STOP,
    "ready": fields.READY_TABLE,
    "health": fields.HEALTH_TABLE,
}


class FieldsDirective(Directive):
    """The fields of one table, each with an example."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A definition list."""
        items = nodes.definition_list()
        for field in TABLES[self.arguments[0]]:
            items += _item(field.name, _told(field))
        return [items]


def _told(field: Field) -> Iterable[nodes.Node]:
    yield nodes.paragraph("", field.what)
    example = f"{field.name} = {field.kind.example}"
    yield nodes.paragraph("", "", nodes.Text("Example: "), nodes.literal(example, example))
    if field.usual:
        yield nodes.paragraph("", f"Without it: {field.usual}.")


def _item(name: str, told: Iterable[nodes.Node]) -> nodes.Node:
    term = nodes.term("", "", nodes.literal(name, name))
    return nodes.definition_list_item("", term, nodes.definition("", *told))


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directive."""
    app.add_directive("toml-fields", FieldsDirective)
    return {"parallel_read_safe": True}
