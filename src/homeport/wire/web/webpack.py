"""webpack-dev-server, by its command."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="webpack-dev-server",
    source="https://webpack.js.org/configuration/dev-server/",
    command=re.compile(
        r"/webpack-dev-server(?:/bin/webpack-dev-server\.js)?(?: |$)"
        r"|/webpack(?:-cli)?(?:/bin/(?:webpack|cli)\.js)? serve(?: |$)"
    ),
    layer=Layer.FRAMEWORK,
)
