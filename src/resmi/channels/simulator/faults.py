"""The one place where things are made to go wrong."""

from __future__ import annotations

from typing import Literal

import msgspec

from resmi.channels.simulator.errors import Surface


class SendFault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The next `count` sends (to `citizen`, if named) fail with `code`. -1: until switched off."""

    code: int
    count: int = 1
    surface: Surface | Literal[""] = ""
    details: str = ""
    citizen: str = ""


class HttpFault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The next `count` requests of a kind are answered with a bare HTTP status."""

    status: int = 500
    count: int = 1


class Hang(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The next `count` sends are accepted, then the answer stays out: cut after `seconds`."""

    count: int = 1
    seconds: float = 0.0


class Faults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All switches; the defaults are a healthy platform.

    `drop` names statuses that never come. `reorder` sends a message's statuses last first.
    `duplicates` is how often each webhook is posted. `batch` is items a POST, waiting
    `batch_wait` virtual seconds to fill. `mix` puts messages and statuses of a number into one
    change. `regroup` lets a retried webhook come in another batch. `failed_contacts` is what a
    failed status carries. `unknown_fields` adds keys nobody documented. `old_shapes` leaves out
    user ids as before April 2026. `early_status` posts `sent` before the send is answered.
    `surface` overrides, per error code, whether it comes at once, by webhook, or both.
    `latency` is virtual seconds before a send is answered.
    """

    sends: list[SendFault] = msgspec.field(default_factory=list)
    http: HttpFault | None = None
    hang: Hang | None = None
    media: HttpFault | None = None
    media_url: HttpFault | None = None
    drop: list[str] = msgspec.field(default_factory=list)
    reorder: bool = False
    duplicates: int = 1
    batch: int = 1
    batch_wait: float = 0.2
    mix: bool = False
    regroup: bool = False
    failed_contacts: Literal["none", "bare", "full"] = "none"
    unknown_fields: bool = False
    old_shapes: bool = False
    without_media_url: bool = False
    early_status: bool = False
    price_on: Literal["sent", "delivered"] = "sent"
    surface: dict[str, Surface] = msgspec.field(default_factory=dict)
    latency: float = 0.0
    wrong_signature: int = 0
    reject_templates: int = 0

    def take_send(self, citizen: str) -> SendFault | None:
        """The fault of this send, counted off."""
        for fault in self.sends:
            if fault.count != 0 and fault.citizen in ("", citizen):
                fault.count -= fault.count > 0
                return fault
        return None

    def take_hang(self) -> float | None:
        """Seconds to hang this accepted send, counted off; None to answer it."""
        if self.hang is None or self.hang.count == 0:
            return None
        self.hang.count -= self.hang.count > 0
        return self.hang.seconds

    def take_wrong_signature(self) -> bool:
        """Whether to spoil this webhook's signature, counted off."""
        spoil = self.wrong_signature != 0
        self.wrong_signature -= self.wrong_signature > 0
        return spoil

    def take_rejection(self) -> bool:
        """Whether to reject this template whatever it says, counted off."""
        reject = self.reject_templates != 0
        self.reject_templates -= self.reject_templates > 0
        return reject


def take(fault: HttpFault | None) -> int:
    """The HTTP status to fail with, counted off, or 0."""
    if fault is None or fault.count == 0:
        return 0
    fault.count -= fault.count > 0
    return fault.status
