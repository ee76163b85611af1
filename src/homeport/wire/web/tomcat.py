"""Apache Tomcat: its error page names it, its headers do not."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Apache Tomcat",
    source="https://tomcat.apache.org",
    answer=re.compile(rb"<h3>Apache Tomcat/(?P<version>[\w.-]+)</h3>"),
    command=re.compile(r"org\.apache\.catalina\.startup\.Bootstrap"),
)
