"""PHP's built-in server, which closes at nonsense without a word: the command tells."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="PHP built-in server",
    source="https://www.php.net/manual/en/features.commandline.webserver.php",
    command=re.compile(r"^(?:\S*/)?php[\d.]*(?: \S+){0,8}? -S ?\S+"),
)
