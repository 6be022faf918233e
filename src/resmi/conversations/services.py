"""What staff and the router do to conversations. Each call is one transaction under the row lock.

All raise `resmi.engine.lifecycle.Refused` with a code and a reason that says what to do next; a
refused call changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from django.core.cache import caches
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from resmi.agency.models import User
from resmi.bot import verdicts
from resmi.channels import services as channels
from resmi.conversations import (
    calling,
    charging,
    companions,
    queries,
    script_turn,
    stimuli,
    storing,
    turn,
    world,
)
from resmi.conversations.building import Turn
from resmi.conversations.models import Conversation, Draft
from resmi.conversations.stimuli import Staff, Stimulus
from resmi.conversations.storing import Loaded, Outcome
from resmi.engine import lifecycle
from resmi.engine.content import Outbound, Text
from resmi.engine.lifecycle import Refused
from resmi.registry.rules import Verdict
from resmi.routing import services as routing

NOTE_LENGTH = 10_000
TYPING_S = 14


def staff(user: User) -> Staff:
    """The account as a turn knows it."""
    return Staff(str(user.pk), user.name or user.email, user.display_name or user.name)


def act(loaded: Loaded, stimulus: Stimulus) -> Turn:
    """Takes one stimulus on a locked conversation and saves what follows."""
    named = calling.named(loaded.conversation, stimulus)
    result = turn.take(
        loaded.conversation, (named,), loaded.line, world.current(), datetime.now(UTC)
    )
    storing.save([Outcome(loaded=loaded, turn=result)])
    return result


def lock(conversation_id: int) -> Loaded:
    """The conversation under its row lock. Raises `Refused` when there is none."""
    loaded = storing.lock_by_id([conversation_id]).get(conversation_id)
    if loaded is None:
        raise Refused("gone", _("This conversation does not exist."))
    return loaded


@transaction.atomic
def offer(*, conversation_id: int, agent: User, until: datetime) -> None:
    """Offers a waiting conversation to an available agent and charges their capacity."""
    loaded = lock(conversation_id)
    charging.claim(loaded, agent, must_be_available=True)
    act(loaded, stimuli.Offer(staff(agent), until))


@transaction.atomic
def withdraw_offer(*, conversation_id: int, agent_id: int) -> None:
    """Passes an offer on because the agent went away."""
    act(lock(conversation_id), stimuli.OfferWithdrawn(str(agent_id)))


@transaction.atomic
def tell_position(*, conversation_id: int, position: int, wait_s: int) -> None:
    """Tells the citizen their place (1 = next) and estimated wait in seconds (-1 = unknown)."""
    act(lock(conversation_id), stimuli.TellPosition(position, wait_s))


@transaction.atomic
def accept_offer(*, actor: User, conversation_id: int) -> None:
    """The agent takes the conversation offered to them."""
    loaded = lock(conversation_id)
    act(loaded, stimuli.Accept(staff(actor)))
    routing.forgive_missed_offers(actor.pk)
    _mark_read(loaded)


@transaction.atomic
def decline_offer(*, actor: User, conversation_id: int) -> None:
    """The agent passes the offer on to the next."""
    act(lock(conversation_id), stimuli.Decline(staff(actor)))


@transaction.atomic
def take_over(*, actor: User, conversation_id: int) -> None:
    """The agent takes the conversation from the bot, a queue or a colleague.

    When this returns, no message of the bot is on its way any more.
    """
    loaded = lock(conversation_id)
    charging.claim(loaded, actor, must_be_available=False)
    act(loaded, stimuli.TakeOver(staff(actor)))
    _mark_read(loaded)


@transaction.atomic
def reply(
    *,
    actor: User,
    conversation_id: int,
    content: Outbound,
    reply_to: str = "",
    hold_s: int = 0,
    typed: bool = True,
) -> int:
    """Writes to the citizen; the message's event number. Empty text is refused.

    For `hold_s` seconds `team.withdraw` takes it back. What was `typed` is no draft any more;
    beside anything else the draft stays.
    """
    if isinstance(content, Text) and not content.body.strip():
        raise Refused("empty", _("Write something first."))
    result = act(lock(conversation_id), stimuli.Reply(staff(actor), content, reply_to, hold_s))
    if typed:
        Draft.objects.filter(conversation_id=conversation_id, agent=actor, is_note=False).delete()
    return result.conversation.seq


@transaction.atomic
def add_note(*, actor: User, conversation_id: int, body: str, mentions: Sequence[int] = ()) -> int:
    """Writes a note for colleagues; its event number. `mentions` are the accounts it calls."""
    if not body.strip():
        raise Refused("empty", _("Write something first."))
    if len(body) > NOTE_LENGTH:
        raise Refused("too_long", _("A note holds at most 10,000 characters."))
    called = tuple(str(account) for account in dict.fromkeys(mentions))
    result = act(lock(conversation_id), stimuli.AddNote(staff(actor), body, called))
    Draft.objects.filter(conversation_id=conversation_id, agent=actor, is_note=True).delete()
    seq = result.conversation.seq
    companions.call(
        by=actor,
        conversation_id=conversation_id,
        seq=seq,
        accounts=[int(account) for account in called],
    )
    return seq


@transaction.atomic
def transfer_to_queue(*, actor: User, conversation_id: int, queue: str, note: str = "") -> None:
    """Puts the conversation into a queue; the citizen is told."""
    if not routing.keep_queue(queue):
        raise Refused("no_queue", _("This queue no longer exists: choose another one."))
    act(lock(conversation_id), stimuli.TransferToQueue(staff(actor), queue, note))


@transaction.atomic
def transfer_to_agent(*, actor: User, conversation_id: int, agent_id: int, note: str = "") -> None:
    """Hands the conversation to a colleague with free capacity."""
    colleague = User.objects.filter(pk=agent_id, is_active=True).first()
    if colleague is None:
        raise Refused("no_agent", _("This colleague has no account any more."))
    loaded = lock(conversation_id)
    if loaded.conversation.agent == str(agent_id):
        raise Refused("already_theirs", _("This colleague already holds the conversation."))
    charging.claim(loaded, colleague, must_be_available=True)
    act(loaded, stimuli.TransferToAgent(staff(actor), staff(colleague), note))


@transaction.atomic
def return_to_bot(*, actor: User, conversation_id: int, note: str = "") -> None:
    """Gives the conversation back to the bot."""
    act(lock(conversation_id), stimuli.ReturnToBot(staff(actor), note))


@transaction.atomic
def close(
    *, actor: User, conversation_id: int, reason: str, comment: str = "", anyway: bool = False
) -> None:
    """Ends the conversation. `reason` is one of the pack's wrap-up reasons.

    Required points of its script that are not ticked refuse it, unless `anyway`; then the log says
    which were left open.
    """
    now = world.current()
    if reason not in {wrap_up.key for wrap_up in now.pack.wrap_up}:
        raise Refused("no_reason", _("Choose a wrap-up reason."))
    loaded = lock(conversation_id)
    left = len(script_turn.unticked(loaded.conversation, now))
    if left and not anyway:
        words = ngettext(
            "%(count)d required point of its script is not ticked.",
            "%(count)d required points of its script are not ticked.",
            left,
        )
        raise Refused("points_open", words % {"count": left})
    act(loaded, stimuli.Close(staff(actor), reason, comment))


@transaction.atomic
def verify(*, actor: User, conversation_id: int, query: str) -> tuple[Verdict, ...]:
    """Looks a name up for the agent and notes it in the log; nothing is sent."""
    query = " ".join(query.split())
    if not query:
        raise Refused("empty", _("Type a company name, licence number or web address."))
    verdicts = world.current().index.verify(query, whole=True)
    loaded = lock(conversation_id)
    for verdict in verdicts:
        act(
            loaded,
            stimuli.RecordVerdict(staff(actor), query, msgspec.to_builtins(verdict)),
        )
        loaded = lock(conversation_id)
    return verdicts


def candidate(verdict: Verdict, entity: str) -> Verdict:
    """What the register says now about a candidate of an answer; refused if it was none."""
    named = next((one.name for one in verdicts.candidates_of(verdict) if one.entity == entity), "")
    fresh = world.current().index.verify(named, whole=True) if named else ()
    chosen = verdicts.pick(verdict, entity, fresh)
    if chosen is None:
        raise Refused("gone", _("This name is no longer on offer: verify it again."))
    return chosen


def as_now(verdict: Verdict) -> Verdict:
    """An answer of the log as the register gives it now; refused if it changed its mind since."""
    index = world.current().index
    if verdict.version == index.version:
        return verdict
    for found in index.verify(verdict.query, whole=True):
        if (found.status, found.entity) == (verdict.status, verdict.entity):
            return found
    raise Refused("changed", _("The register has changed since: verify the name again."))


@transaction.atomic
def send_verdict(*, actor: User, conversation_id: int, verdict: Verdict) -> int:
    """Tells the citizen a verdict in their language, in the bot's words; the event number."""
    loaded = lock(conversation_id)
    now = world.current()
    receipts = now.receipts.book(loaded.conversation.id, loaded.conversation.seq)
    words = verdicts.told(now.pack, loaded.conversation.language, verdict, receipts.link(0))
    record = stimuli.RecordVerdict(
        staff(actor),
        verdict.query,
        msgspec.to_builtins(verdict),
        Text(words),
        receipt=receipts.code(0),
    )
    return act(loaded, record).conversation.seq


@transaction.atomic
def retry_delivery(*, actor: User, conversation_id: int, ref: str) -> None:
    """Queues a failed or unknown delivery again; a human decides that, never the system."""
    loaded = lock(conversation_id)
    if not ref.startswith(f"{loaded.conversation.id}."):
        raise Refused("gone", _("This message belongs to another conversation."))
    closes_at = queries.window_closes_at(conversation_id)
    if not channels.retry_delivery(ref, window_closes_at=closes_at):
        raise Refused("not_failed", _("This message did not fail; there is nothing to retry."))


def save_draft(
    *,
    actor: User,
    conversation_id: int,
    body: str,
    is_note: bool = False,
    page: str = "",
    nth: int = 0,
) -> None:
    """Keeps what an agent has typed; an empty body forgets it.

    Of texts of one `page`, one that comes after a later one (by `nth`) comes too late.
    """
    mine = Draft.objects.filter(conversation_id=conversation_id, agent=actor)
    if page and mine.filter(page=page, nth__gt=nth).exists():
        return
    if not body and not page:
        mine.delete()
        return
    if not Conversation.objects.filter(pk=conversation_id).exists():
        raise Refused("gone", _("This conversation does not exist."))
    Draft.objects.update_or_create(
        conversation_id=conversation_id,
        agent=actor,
        defaults={
            "body": body[:NOTE_LENGTH],
            "is_note": is_note and bool(body),
            "page": page,
            "nth": nth,
        },
    )


@transaction.atomic
def mark_typing(*, actor: User, conversation_id: int) -> None:
    """Shows the citizen that an answer is being written; only who writes there can.

    The channel shows it for some 25 s or until the answer; it is told again after `TYPING_S` at
    the earliest, and not where it knows no such sign or could carry no answer.
    """
    if not caches["default"].add(f"typing:{conversation_id}:{actor.pk}", True, TYPING_S):
        return
    loaded = lock(conversation_id)
    lifecycle.check_writer(loaded.conversation, str(actor.pk))
    can_show = loaded.line.capabilities.typing and loaded.conversation.last_provider_id
    closes_at = lifecycle.window_closes_at(
        loaded.conversation.last_inbound_at, loaded.line.capabilities
    )
    if can_show and (closes_at is None or closes_at > datetime.now(UTC)):
        channels.show_typing(
            channel_id=loaded.line.channel,
            conversation_id=loaded.conversation.id,
            contact_id=loaded.line.contact,
            address=loaded.line.address,
            provider_id=loaded.conversation.last_provider_id,
        )


def _mark_read(loaded: Loaded) -> None:
    if loaded.line.capabilities.read_marks and loaded.conversation.last_provider_id:
        channels.mark_read(
            channel_id=loaded.line.channel,
            conversation_id=loaded.conversation.id,
            contact_id=loaded.line.contact,
            address=loaded.line.address,
            provider_id=loaded.conversation.last_provider_id,
        )
