"""An S3-compatible store on loopback, for tests of files that are kept in one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from tests import processes


@contextmanager
def running() -> Iterator[Store]:
    """A store with an empty bucket `files`, ended with the block."""
    port = processes.free_port()
    arguments = ("-H", "127.0.0.1", "-p", str(port))
    env = processes.environment("postgresql:///none")
    with processes.running("s3", "moto_server", *arguments, env=env, port=port):
        store = Store(port)
        store.make("files")
        yield store
        store.client.close()


class Store:
    """The store as its owner sees it."""

    def __init__(self, port: int) -> None:
        self.port = port
        access: dict[str, Any] = {"aws_access_key_id": "key", "aws_secret_access_key": "s/cret"}
        self.client: Any = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="eu-west-1", **access
        )

    def make(self, bucket: str) -> str:
        """Makes an empty bucket; its `RESMI_STORAGE`."""
        place = {"LocationConstraint": "eu-west-1"}
        self.client.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        return self.url(bucket)

    def url(self, bucket: str = "files") -> str:
        """The `RESMI_STORAGE` of a bucket."""
        return f"s3+http://key:s%2Fcret@127.0.0.1:{self.port}/{bucket}?region=eu-west-1"

    def put(self, bucket: str, name: str, data: bytes) -> None:
        """Puts a file there."""
        self.client.put_object(Bucket=bucket, Key=name, Body=data)

    def all(self, bucket: str) -> dict[str, bytes]:
        """Every file of a bucket."""
        found = self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            one["Key"]: self.client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
            for one in found
        }
