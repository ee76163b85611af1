"""H5: a redirect to https on a port without TLS."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import application
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SOURCE = """
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path
settings.configure(
    DEBUG=True, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x",
    SECURE_SSL_REDIRECT=True,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
    ],
)
urlpatterns = [path("", lambda request: HttpResponse("welcome"))]
execute_from_command_line(["manage.py", "runserver", "--noreload", sys.argv[1]])
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv = (sys.executable, "manage.py", f"127.0.0.1:{port}")
    with application(SOURCE, "manage.py", place, *argv, port=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H5", "a redirect to https on a port without TLS", _make, cause="H5")
