"""Django, by its development server."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Django",
    source="https://docs.djangoproject.com/en/stable/ref/django-admin/#runserver",
    command=re.compile(
        r"(?:manage\.py|django-admin|-m django) (?:runserver|runserver_plus|testserver)(?: |$)"
    ),
    layer=Layer.FRAMEWORK,
)
