"""Ruby on Rails, by its command."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Rails",
    source="https://guides.rubyonrails.org/command_line.html#bin-rails-server",
    command=re.compile(r"(?:^|/| )rails (?:server|s)(?: |$)"),
    layer=Layer.FRAMEWORK,
)
