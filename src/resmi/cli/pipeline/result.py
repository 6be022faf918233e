"""What one load came to."""

from __future__ import annotations

import msgspec


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came out. Times in milliseconds, memory in MiB; percentiles are None without data."""

    offered_per_s: float
    answered_per_s: float
    asked: int
    answered: int
    lost: int
    duplicates: int
    refused_posts: int
    ack_p50_ms: float | None
    ack_p99_ms: float | None
    reply_p50_ms: float | None
    reply_p99_ms: float | None
    reply_most_ms: float | None
    cpu_seconds: dict[str, float]
    cpu_ms_per_answer: dict[str, float]
    postgres_cpu_seconds: dict[str, float]
    peak_rss_mb: dict[str, float]
