"""The HTTP server of the JDK (com.sun.net.httpserver, jwebserver)."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="JDK HTTP server",
    source="https://docs.oracle.com/en/java/javase/21/docs/api/jdk.httpserver/module-summary.html",
    answer=re.compile(rb"<h1>400 Bad Request</h1>URISyntaxException thrown$"),
    command=re.compile(r"(?:^|/)jwebserver(?: |$)|-m jdk\.httpserver(?: |$)"),
)
