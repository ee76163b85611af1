"""How the documentation is built: `sphinx-build -W --keep-going -n docs docs/_build/html`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import homeport

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path[:0] = [str(Path(__file__).parent / "_ext"), str(Path(__file__).parent.parent)]

project = "Homeport"
author = "the Homeport authors"
copyright = "the Homeport authors; Apache-2.0"
release = homeport.__version__
version = release

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "from_catalogs",
    "from_fields",
    "from_parser",
    "from_schemas",
    "from_states",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# The build needs no network, so nothing of the standard library's documentation can be linked.
nitpick_ignore_regex = [(r"py:.*", r"(?!homeport\.).*")]

html_theme = "furo"
html_title = f"Homeport {release}"
html_copy_source = False
html_show_sphinx = False


def _drop_field_numbers(*event: object) -> None:
    """A named tuple's fields are told of by its docstring; what Python makes up says nothing."""
    lines = event[-1]
    if isinstance(lines, list) and lines and lines[0].startswith("Alias for field number"):
        lines.clear()


def setup(app: Sphinx) -> None:
    """Hooks into Sphinx."""
    app.connect("autodoc-process-docstring", _drop_field_numbers)
