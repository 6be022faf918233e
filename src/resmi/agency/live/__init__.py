"""The live stream: `announce` in a transaction, Server-Sent Events in open browsers."""

from resmi.agency.live.stream import end_with_process, stream_application
from resmi.agency.live.writing import TELLING, announce, announce_all, position

__all__ = [
    "TELLING",
    "announce",
    "announce_all",
    "end_with_process",
    "position",
    "stream_application",
]
