"""Apache HTTP Server: as much of the version as `ServerTokens` lets out."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Apache HTTP Server",
    source="https://httpd.apache.org/docs/2.4/mod/core.html#servertokens",
    headers={"server": re.compile(r"^Apache(?:/(?P<version>[\w.]+))?(?: |$)")},
    command=re.compile(r"(?:^|/)(?:apache2|httpd) .*-(?:D ?FOREGROUND|k start)"),
)
