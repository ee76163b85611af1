"""lighttpd."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="lighttpd",
    source="https://redmine.lighttpd.net/projects/lighttpd/wiki/Server_tagDetails",
    headers={"server": re.compile(r"^lighttpd(?:/(?P<version>[\w.]+))?")},
    command=re.compile(r"(?:^|/)lighttpd(?: |$)"),
)
