"""Eclipse Jetty."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Jetty",
    source="https://jetty.org/docs/",
    headers={"server": re.compile(r"^Jetty\((?P<version>[\w.-]+)\)")},
    command=re.compile(
        r"(?:^|/| )jetty-[\w.-]+\.jar(?: |$)|/jetty-home\S*/start\.jar"
        r"|org\.eclipse\.jetty\.start\.Main"
    ),
)
