"""The directives `causes`, `protocols`, `web-products` and `recipes`: what there is a file for.

Made from the files themselves, so that the reference cannot fall behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive

from homeport.model.diagnosis import Layer
from homeport.run.recipes import catalog as recipes
from homeport.see.diagnose.catalog import rules
from homeport.see.identify.catalog import protocols, web_products

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx.application import Sphinx

    from homeport.run.recipes.contract import Recipe
    from homeport.see.diagnose.rule import Rule


class CausesDirective(Directive):
    """Every rule of `check`, layer by layer."""

    def run(self) -> list[nodes.Node]:
        """A title for each layer, and a definition for each cause."""
        found: list[nodes.Node] = []
        for layer in Layer:
            of_layer = [rule for rule in rules() if rule.layer is layer]
            if of_layer:
                found += [nodes.rubric("", layer.value), _causes(of_layer)]
        return found


def _causes(of_layer: Iterable[Rule]) -> nodes.Node:
    items = nodes.definition_list()
    for rule in sorted(of_layer, key=lambda rule: (rule.general, rule.id)):
        body = nodes.definition("")
        facts = [("Symptom", rule.symptom), ("Evidence", rule.looks_for), ("Fix", rule.fix)]
        facts += [("Needs root", rule.needs_root)] if rule.needs_root else []
        for name, text in facts:
            body += nodes.paragraph("", "", nodes.emphasis(name, name), nodes.Text(f": {text}"))
        term = nodes.term("", "", nodes.strong(rule.id, rule.id), nodes.Text(f" {rule.title}"))
        items += nodes.definition_list_item("", term, body)
    return items


class ProtocolsDirective(Directive):
    """Every protocol that `identify` knows, with its source and its usual ports."""

    def run(self) -> list[nodes.Node]:
        """A table."""
        rows = [
            (
                each.name,
                ", ".join(dict.fromkeys(each.programs.values())),
                ", ".join(map(str, sorted(each.ports))),
                each.source,
            )
            for each in protocols()
        ]
        return [
            _table(("Protocol", "Products told by their program", "Usual ports", "Source"), rows)
        ]


class WebProductsDirective(Directive):
    """Every web server and framework that `identify` knows."""

    def run(self) -> list[nodes.Node]:
        """A table."""
        rows = [(each.title, each.source) for each in web_products()]
        return [_table(("Product", "Source"), sorted(rows, key=lambda row: row[0].lower()))]


class RecipesDirective(Directive):
    """The recipes of databases and brokers, or of everything else (`web`)."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A definition for each recipe, with its options."""
        web = self.arguments[0] == "web"
        items = nodes.definition_list()
        for name, recipe in sorted(recipes().items()):
            if (recipe.database is None and not recipe.images) is web:
                term = nodes.term("", "", nodes.literal(name, name))
                items += nodes.definition_list_item("", term, _recipe(recipe))
        return [items]


def _recipe(recipe: Recipe) -> nodes.Node:
    body = nodes.definition("")
    found = " Found in a project by itself." if recipe.finds is not None else ""
    body += nodes.paragraph("", "", *_marked(f"{recipe.what}.{found}"))
    options = nodes.bullet_list()
    for name, meaning in recipe.options:
        text = nodes.paragraph("", "", nodes.literal(name, name), *_marked(f": {meaning}"))
        options += nodes.list_item("", text)
    if recipe.options:
        body += options
    return body


def _marked(text: str) -> list[nodes.Node]:
    """The text, with what stands between backquotes as code."""
    parts = enumerate(text.split("`"))
    return [nodes.literal(part, part) if number % 2 else nodes.Text(part) for number, part in parts]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> nodes.Node:
    group = nodes.tgroup("", cols=len(titles))
    for _ in titles:
        group += nodes.colspec(colwidth=1)
    group += nodes.thead("", _row(titles))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(cells: Iterable[str]) -> nodes.Node:
    return nodes.row("", *(nodes.entry("", nodes.paragraph(each, each)) for each in cells))


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directives."""
    app.add_directive("causes", CausesDirective)
    app.add_directive("protocols", ProtocolsDirective)
    app.add_directive("recipes", RecipesDirective)
    app.add_directive("web-products", WebProductsDirective)
    return {"parallel_read_safe": True}
