"""The live stream: `announce` in a transaction, Server-Sent Events in open browsers."""

from resmi.agency.live.writing import announce, announce_all, position

__all__ = ["announce", "announce_all", "position"]
