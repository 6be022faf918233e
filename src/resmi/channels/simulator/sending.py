"""What happens to a message the business sends: judged, taken, and followed to its last status."""

from __future__ import annotations

from resmi.channels.simulator import files, pricing, rules, state, templates
from resmi.channels.simulator.bodies import Draft, ReadMark, media_ids, media_link
from resmi.channels.simulator.errors import Refusal
from resmi.channels.simulator.simulation import Simulation
from resmi.channels.simulator.state import Citizen, Json, Message, Number, Step

REACTION_REACH = 30 * 24 * 3600.0
TYPING_SECONDS = 25
HOLD_SECONDS = 3.0
RELEASE_GAP = 0.1


def send(sim: Simulation, number: Number, draft: Draft) -> Message:
    """Takes a message, or takes it only to fail it later. Raises `Refusal` to refuse at once."""
    now = sim.clock.now()
    _check_account(number)
    citizen, who = rules.recipient(sim.world, number, draft)
    rules.check_pace(sim.world, number, citizen.key if citizen else who, sim.speed, now)
    rendered, category = _check_content(sim, number, draft, now)
    doom = _doom(sim, number, citizen, draft, category, now)
    surface = _surface(sim, doom)
    if doom is not None and surface == "sync":
        raise doom
    message = _write(sim, number, citizen, who, draft, now)
    message.rendered, message.category = rendered, category.lower()
    if doom is not None:
        _fail_later(sim, message, doom)
        if surface == "both":
            raise doom
        return message
    if link := media_link(draft):
        _fetch_then_deliver(sim, number, citizen, message, link)
    else:
        _deliver(sim, number, citizen, message)
    return message


def _check_account(number: Number) -> None:
    if number.status == "DELETED":
        raise Refusal(33)
    if number.status != "CONNECTED":
        raise Refusal(133010)
    if number.settings.get("restricted"):
        raise Refusal(131031)


def _check_content(
    sim: Simulation, number: Number, draft: Draft, now: float
) -> tuple[Json | None, str]:
    """What needs the world to be checked: quoted messages, files, templates."""
    target = str(draft.content.get("message_id", "")) if draft.type == "reaction" else draft.context
    quoted = sim.world.messages.get(target)
    if target and (quoted is None or now - quoted.at > REACTION_REACH):
        raise Refusal(131009, "message_id is not a message of the last 30 days")
    for _, kind, media in media_ids(draft):
        held = sim.world.media.get(media)
        if held is None or held.expires <= now:
            raise Refusal(131009, f"Media ID {media} does not exist or has expired")
        files.check(kind, held.mime, len(held.data))
    if draft.type != "template":
        return None, "SERVICE"
    template = templates.find(sim.world, number.waba, draft.content)
    return templates.fill(template, draft.content), template.category


def _doom(
    sim: Simulation,
    number: Number,
    citizen: Citizen | None,
    draft: Draft,
    category: str,
    now: float,
) -> Refusal | None:
    fault = sim.faults.take_send(citizen.key if citizen else "")
    if fault is not None:
        refusal = Refusal(fault.code, fault.details)
        refusal.surface = fault.surface or refusal.surface
        return refusal
    try:
        rules.check_citizen(sim.world, number, citizen, draft, category, now)
    except Refusal as refusal:
        return refusal
    return None


def _surface(sim: Simulation, doom: Refusal | None) -> str:
    return sim.faults.surface.get(str(doom.code), doom.surface) if doom else ""


def _write(
    sim: Simulation, number: Number, citizen: Citizen | None, who: str, draft: Draft, now: float
) -> Message:
    content = draft.content if draft.type == "contacts" else {draft.type: draft.content}
    message = Message(
        id=state.new_message_id(sim.world),
        direction="out",
        number=number.id,
        citizen=citizen.key if citizen else "",
        at=now,
        type=draft.type,
        content=content,
        reply_to=draft.context,
        opaque=draft.opaque,
        addressed="phone" if draft.to else "user_id",
        recipient=who,
        steps=[Step(status="accepted", at=now)],
    )
    state.keep_message(sim.world, message)
    if citizen is not None and draft.to:
        sim.world.phone_shared[state.pair(number.id, citizen.key)] = now
    return message


def _fail_later(sim: Simulation, message: Message, refusal: Refusal) -> None:
    message.error = refusal.status_error()
    fall(sim, message)


def fall(sim: Simulation, message: Message) -> None:
    """A message with an error fails in a moment."""

    async def act() -> None:
        reach(sim, message, "failed")

    sim.clock.schedule(sim.config.timing.failed, act)


def fail(sim: Simulation, message: Message, refusal: Refusal) -> None:
    """Fails a message that was taken, at once."""
    message.error = refusal.status_error()
    reach(sim, message, "failed")


def _deliver(sim: Simulation, number: Number, citizen: Citizen | None, message: Message) -> None:
    now = sim.clock.now()
    inside = rules.window_open(sim.world, number.id, message.citizen, now)
    if message.type == "reaction":
        target = sim.world.messages[str(message.content["reaction"]["message_id"])]
        _react(target, str(message.content["reaction"]["emoji"]))
        sim.tell_message(target)
    else:
        message.priced = pricing.price(sim.world, number.id, message.category, now, inside=inside)

    if not sim.faults.early_status:
        leave(sim, citizen, message)


def leave(sim: Simulation, citizen: Citizen | None, message: Message) -> None:
    """The message is sent in a moment, and arrives if there is somebody."""

    async def sent() -> None:
        if not message.reached("failed"):
            reach(sim, message, "sent")
            if citizen is not None and message.type != "reaction":
                arrive(sim, citizen, message)

    sim.clock.schedule(sim.config.timing.sent, sent)


def _fetch_then_deliver(
    sim: Simulation, number: Number, citizen: Citizen | None, message: Message, link: str
) -> None:
    async def act() -> None:
        try:
            data, mime = await sim.courier.fetch(link, files.LARGEST)
            files.check(message.type, mime, len(data))
        except files.CantFetch as problem:
            fail(sim, message, Refusal(131053, str(problem)))
        except Refusal as refusal:
            fail(sim, message, refusal)
        else:
            held = files.keep(sim.world, number.id, mime, data, sim.clock.now())
            message.rendered = {"media": held.id}
            _deliver(sim, number, citizen, message)

    sim.clock.schedule(0, act)


def _react(target: Message, emoji: str) -> None:
    if emoji:
        target.reactions["business"] = emoji
    else:
        target.reactions.pop("business", None)


async def early(sim: Simulation, message: Message) -> None:
    """Posts `sent` before the send is answered, when that fault is on."""
    citizen = sim.world.citizens.get(message.citizen)
    if not sim.faults.early_status or message.error or citizen is None:
        return
    message.steps.append(Step(status="sent", at=sim.clock.now()))
    await sim.courier.put_now([sim.report(message, "sent", sim.clock.now())])
    sim.tell_message(message)
    if message.type != "reaction":
        arrive(sim, citizen, message)


def arrive(sim: Simulation, citizen: Citizen, message: Message) -> None:
    """The message gets to the phone once it is on; an open chat reads it without `delivered`."""
    if not citizen.online or message.number in citizen.blocks:
        return
    timing = sim.config.timing
    watched = citizen.open_chat == message.number and citizen.read_receipts

    async def read() -> None:
        reach(sim, message, "read")

    async def delivered() -> None:
        if not message.reached("read"):
            reach(sim, message, "delivered")
        if timing.auto_read is not None and citizen.read_receipts:
            sim.clock.schedule(timing.auto_read, read)

    if watched:
        sim.clock.schedule(timing.read, read)
    else:
        sim.clock.schedule(timing.delivered, delivered)


def reach(sim: Simulation, message: Message, name: str) -> None:
    """Notes a status and sends its webhook, unless it is already known or made to be lost."""
    if message.reached(name):
        return
    now = sim.clock.now()
    message.steps.append(Step(status=name, at=now))
    sim.tell_message(message)
    if sim.faults.reorder and name == "sent":
        _hold_back(sim, message)
    elif message.id not in sim.held and name not in sim.faults.drop:
        sim.courier.put([sim.report(message, name, now)])


def _hold_back(sim: Simulation, message: Message) -> None:
    """Keeps a message's statuses for a while, then sends the last first."""
    sim.held.add(message.id)

    async def release() -> None:
        sim.held.discard(message.id)
        reported = [step for step in message.steps if step.status not in ("accepted", "failed")]
        for position, step in enumerate(reversed(reported)):
            if step.status not in sim.faults.drop:
                item = sim.report(message, step.status, step.at)
                sim.courier.put_after(position * RELEASE_GAP, [item])

    sim.clock.schedule(HOLD_SECONDS, release)


def mark_read(sim: Simulation, number: Number, mark: ReadMark) -> None:
    """The business has read a citizen's messages up to one; its typing shows for 25 s.

    Raises `Refusal` 131009 for a message it does not know or that is over 30 days old.
    """
    now = sim.clock.now()
    message = sim.world.messages.get(mark.message)
    if message is None or message.direction != "in" or message.number != number.id:
        raise Refusal(131009, "message_id is not a message received by this number")
    if now - message.at > REACTION_REACH:
        raise Refusal(131009, "message_id is older than 30 days")
    for other in state.chat(sim.world, number.id, message.citizen):
        if other.direction == "in" and other.at <= message.at and not other.reached("read"):
            other.steps.append(Step(status="read", at=now))
            sim.tell_message(other)
    if mark.typing:
        typing = {"citizen": message.citizen, "number": number.id, "seconds": TYPING_SECONDS}
        sim.tell({"type": "typing", **typing})


def citizen_reads(sim: Simulation, citizen: Citizen, number: str, up_to: str = "") -> int:
    """The citizen opens the chat: everything up to a message (or all) is read. How many were."""
    limit = sim.world.messages[up_to].at if up_to in sim.world.messages else float("inf")
    count = 0
    for message in state.chat(sim.world, number, citizen.key):
        unread = message.reached("sent") and not message.reached("read")
        if message.direction == "out" and unread and message.at <= limit and citizen.read_receipts:
            reach(sim, message, "read")
            count += 1
    return count


def come_online(sim: Simulation, citizen: Citizen) -> None:
    """The phone is switched on: what waited for it arrives."""
    citizen.online = True
    for number in sim.world.numbers:
        for message in state.chat(sim.world, number, citizen.key):
            waits = message.reached("sent") and not message.reached("delivered")
            if message.direction == "out" and waits:
                arrive(sim, citizen, message)
