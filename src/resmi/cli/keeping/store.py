"""Citizens' files in an S3-compatible store, streamed into a backup and out of it."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from resmi.cli.keeping.members import PART
from resmi.cli.trouble import Trouble
from resmi.config import environment

TRIES = 4
CONNECT_S = 10.0


class NotInstalled(Trouble):
    """What speaks S3 is not installed."""


class Store:
    """The store `RESMI_STORAGE` names; holds no more than a few MB at a time.

    Raises `Trouble` when it can't be used, after so many `tries`.
    """

    def __init__(self, url: str, *, tries: int = TRIES, connect_s: float = CONNECT_S) -> None:
        options = environment.storage(url)["OPTIONS"]
        boto3, config = _module("boto3"), _module("botocore.config")
        self._errors = _module("botocore.exceptions")
        self._bucket = options["bucket_name"]
        self._transfer = _module("boto3.s3.transfer").TransferConfig(use_threads=False)
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=options["endpoint_url"],
            region_name=options["region_name"],
            aws_access_key_id=options.get("access_key"),
            aws_secret_access_key=options.get("secret_key"),
            config=config.Config(
                s3={"addressing_style": options["addressing_style"]},
                connect_timeout=connect_s,
                retries={"mode": "standard", "total_max_attempts": tries},
                # Stores that are not Amazon's refuse checksums they never heard of.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()

    def check(self) -> None:
        """Asks whether the bucket is there and may be used. Raises `Trouble`."""
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except (self._errors.ClientError, self._errors.BotoCoreError) as error:
            raise self._trouble(error) from error

    def size(self, name: str) -> int | None:
        """How large a file is; None when there is none of that name."""
        try:
            return int(self._client.head_object(Bucket=self._bucket, Key=name)["ContentLength"])
        except self._errors.ClientError as error:
            if _is_missing(error):
                return None
            raise self._trouble(error) from error
        except self._errors.BotoCoreError as error:
            raise self._trouble(error) from error

    def read(self, name: str) -> Iterator[bytes] | None:
        """A file in parts; None when there is none of that name."""
        try:
            first = self._get(name)
        except self._errors.ClientError as error:
            if _is_missing(error):
                return None
            raise self._trouble(error) from error
        except self._errors.BotoCoreError as error:
            raise self._trouble(error) from error
        return self._parts(name, first)

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Puts a file there; all of it or nothing."""
        try:
            self._client.upload_fileobj(_Reader(parts), self._bucket, name, Config=self._transfer)
        except (self._errors.ClientError, self._errors.BotoCoreError) as error:
            raise self._trouble(error) from error

    def remove(self, name: str) -> None:
        """Takes a file away; nothing when there is none."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=name)
        except (self._errors.ClientError, self._errors.BotoCoreError) as error:
            raise self._trouble(error) from error

    def _get(self, name: str, **more: str) -> Any:
        return self._client.get_object(Bucket=self._bucket, Key=name, **more)

    def _parts(self, name: str, answer: Any) -> Iterator[bytes]:
        """A connection that breaks is taken up where it broke, while the file is the same."""
        at, tries, same = 0, 1, {"IfMatch": answer["ETag"]}
        while True:
            try:
                for part in answer["Body"].iter_chunks(PART):
                    at += len(part)
                    yield part
                return
            except self._errors.BotoCoreError as error:
                tries += 1
                if tries > TRIES:
                    raise self._trouble(error) from error
            finally:
                answer["Body"].close()
            try:
                answer = self._get(name, Range=f"bytes={at}-", **same)
            except (self._errors.ClientError, self._errors.BotoCoreError) as error:
                raise self._trouble(error) from error

    def _trouble(self, error: Exception) -> Trouble:
        return Trouble(f"the store of citizens' files can't be used: {error}")


def of(url: str) -> Store | None:
    """The store of a `RESMI_STORAGE`; None without one."""
    return Store(url) if url else None


def _is_missing(error: Any) -> bool:
    return error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound")


def _module(name: str) -> ModuleType:
    """Comes with the extra `s3`, which an installation without a store does without."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotInstalled(
            "RESMI_STORAGE is set, but the extra that speaks S3 is not installed: make install-s3"
        ) from error


class _Reader(io.RawIOBase):
    """Parts as a file that is read once from its start to its end."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._coming = iter(parts)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            part = next(self._coming, None)
            if part is None:
                return 0
            self._rest = part
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
