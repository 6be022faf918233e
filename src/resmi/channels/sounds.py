"""How long a voice note is: read from an Ogg Opus file without decoding it. Pure.

Sources: RFC 3533 (Ogg pages), RFC 7845 §4 (the last page's position, less the pre-skip, at 48 kHz).
"""

from __future__ import annotations

HEAD_BYTES = 4096
TAIL_BYTES = 70_000  # a page has at most 65,307 bytes
RATE = 48_000
LONGEST_S = 24 * 60 * 60.0


def opus_seconds(head: bytes, tail: bytes) -> float | None:
    """Seconds of an Ogg Opus file from its first and last bytes; None if it is none."""
    at = head.find(b"OpusHead")
    if not head.startswith(b"OggS") or at < 0 or len(head) < at + 12:
        return None
    pre_skip = int.from_bytes(head[at + 10 : at + 12], "little")
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) < page + 14:
        return None
    position = int.from_bytes(tail[page + 6 : page + 14], "little", signed=True)
    seconds = (position - pre_skip) / RATE
    return seconds if 0 <= seconds <= LONGEST_S else None
