"""Next.js, which names its process itself, with its version."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Next.js",
    source="https://nextjs.org/docs/app/api-reference/cli/next",
    command=re.compile(
        r"^next-server \(v(?P<version>[\w.-]+)\)"
        r"|(?:/\.bin/next|/next/dist/bin/next|^next) (?:dev|start)(?: |$)"
        r"|/next/dist/server/lib/start-server\.js"
    ),
    layer=Layer.FRAMEWORK,
)
