"""From a stored item to what it means: pure, the same in the worker and in a replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from resmi.channels import items
from resmi.channels.errors import Unreadable
from resmi.channels.whatsapp import contents, notices, people, plain_reports, wire

Reported = Literal["sent", "delivered", "read", "failed", "played"]
REPORTED: tuple[Reported, ...] = get_args(Reported)
IDENTITY_CHANGES = frozenset({"user_changed_number", "user_changed_user_id"})


class _Read(msgspec.Struct, frozen=True):
    """An item with what stood round it, both decoded."""

    kind: str
    node: dict[str, Any]
    envelope: dict[str, Any]
    scope: str

    def contact(self) -> dict[str, Any]:
        return wire.table(self.envelope, "contact")

    def person(self) -> items.Address:
        our_number = wire.text(wire.table(self.envelope, "metadata"), "display_phone_number")
        names = people.naming(self.kind, self.node, our_number)
        found = people.person(self.node, self.contact(), names, scope=self.scope)
        if found is None:
            raise Unreadable("nobody is named")
        return found

    def at(self) -> datetime:
        """The item's own time, else its POST's, else when we received it."""
        for time in (self.node.get("timestamp"), *map(self.envelope.get, ("time", "received"))):
            if found := wire.moment(time):
                return found
        raise Unreadable("no time")


def read(kind: str, raw: bytes, envelope: bytes, *, scope: str) -> items.Item:
    """What a stored item means. `scope` is the portfolio in which its user ids hold.

    `kind`, `raw` and `envelope` are as `splitting.split` made them. Raises `Unreadable` and nothing
    else, whatever the bytes.
    """
    try:
        return _read(kind, raw, envelope, scope)
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def _read(kind: str, raw: bytes, envelope: bytes, scope: str) -> items.Item:
    reader = _READERS.get(kind)
    if reader is None:
        raise Unreadable(f"no reader for items of kind {kind!r}")
    if kind == "status" and (report := plain_reports.read(raw, envelope, scope)):
        return report
    around = _envelope(envelope)
    if kind == "account":
        return _notice(wire.decode(raw, object), around)
    return reader(_Read(kind, wire.mapping(raw), around, scope))


def _envelope(envelope: bytes) -> dict[str, Any]:
    try:
        return wire.mapping(envelope)
    except Unreadable:
        return {}


def _message(read_: _Read) -> items.Item:
    context = wire.table(read_.node, "context")
    return items.CitizenMessage(
        sender=read_.person(),
        provider_id=wire.text(read_.node, "id"),
        content=contents.read(read_.node),
        sent_at=read_.at(),
        reply_to=wire.text(context, "id"),
        forwarded=any(context.get(key) is True for key in ("forwarded", "frequently_forwarded")),
    )


def _echo(read_: _Read) -> items.Item:
    return items.Echo(
        recipient=read_.person(),
        provider_id=wire.text(read_.node, "id"),
        content=contents.read(read_.node),
        at=read_.at(),
    )


def _status(read_: _Read) -> items.Item:
    node = read_.node
    ref, provider_id = wire.text(node, "biz_opaque_callback_data"), wire.text(node, "id")
    if not ref and not provider_id:
        raise Unreadable("a status of no message")
    error = next(iter(wire.tables(node, "errors")), {})
    return items.DeliveryReported(
        ref=ref,
        provider_id=provider_id,
        status=_reported(wire.text(node, "status")),
        at=read_.at(),
        code=wire.text(error, "code")[: notices.LONGEST_CODE],
        reason=contents.complaint(error),
        category=wire.text(wire.table(node, "pricing"), "category"),
        recipient=_person_or_none(read_),
    )


def _reported(status: str) -> Reported:
    for known in REPORTED:
        if status == known:
            return known
    raise Unreadable(f"no such status: {status[:50]!r}")


def _person_or_none(read_: _Read) -> items.Address | None:
    try:
        return read_.person()
    except Unreadable:
        return None


def _call(read_: _Read) -> items.Item:
    event = wire.text(read_.node, "event") or wire.text(read_.node, "status").lower()
    if not event:
        raise Unreadable("a call without event")
    return items.CallEvent(
        call_id=wire.text(read_.node, "id"),
        event=event,
        caller=_person_or_none(read_),
        at=read_.at(),
    )


def _identity(read_: _Read) -> items.Item:
    """A new number or user id; whatever else the system says is a notice."""
    system = wire.table(read_.node, "system")
    kind = wire.text(system, "type")
    if kind not in IDENTITY_CHANGES:
        summary = wire.text(system, "body") or notices.summary(system)
        return items.AccountNotice(field=kind or "system", summary=summary, at=read_.at())
    before, after = people.before_and_after(read_.node, read_.contact(), scope=read_.scope)
    if before is None or after is None:
        raise Unreadable(f"{kind} does not name both the old and the new")
    return items.IdentityChanged(before=before, after=after, at=read_.at())


def _preference(read_: _Read) -> items.Item:
    value = wire.text(read_.node, "value")
    if value not in ("stop", "resume", "signup"):
        raise Unreadable(f"no such preference: {value[:50]!r}")
    return items.PreferenceChanged(sender=read_.person(), stop=value == "stop", at=read_.at())


def _notice(value: Any, around: Mapping[str, Any]) -> items.Item:
    part, field = wire.text(around, "part"), wire.text(around, "field")
    subject = field if not part or part == "messages" else part
    read_ = _Read("account", value if isinstance(value, dict) else {}, dict(around), "")
    return items.AccountNotice(
        field=subject or "unknown",
        summary=notices.summary(value),
        at=read_.at(),
        pauses=notices.pauses(subject, value),
    )


def _unparsed(read_: _Read) -> items.Item:
    raise Unreadable("it was stored as unreadable")


_READERS: dict[str, Callable[[_Read], items.Item]] = {
    "message": _message,
    "echo": _echo,
    "status": _status,
    "call": _call,
    "identity": _identity,
    "preference": _preference,
    "account": _unparsed,
    "unparsed": _unparsed,
}
