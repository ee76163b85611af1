"""nginx: a header with the version, unless `server_tokens off`."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="nginx",
    source="https://nginx.org/en/docs/http/ngx_http_core_module.html#server_tokens",
    headers={"server": re.compile(r"^nginx(?:/(?P<version>[\w.]+))?")},
    command=re.compile(r"^nginx: (?:master|worker) process|(?:^|/)nginx(?: |$)"),
)
