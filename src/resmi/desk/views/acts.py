"""What an agent does to a conversation. Every act is a POST that works once."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from resmi.agency.access import can, requires, staff
from resmi.agency.models import User
from resmi.conversations import canned, companions, services, team
from resmi.conversations.models import Conversation
from resmi.desk import approved, attaching, mentioning, once
from resmi.desk.numbers import whole_number
from resmi.desk.views import acting, answering
from resmi.engine.content import Template, Text
from resmi.engine.lifecycle import Refused

MOST_CANNED = 5


@requires("serve_citizens")
@require_POST
def accept(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Takes the offer and opens the conversation."""
    return acting.act(
        request,
        conversation_id,
        lambda: services.accept_offer(actor=staff(request), conversation_id=conversation_id),
        acting.whole_workspace,
    )


@requires("serve_citizens")
@require_POST
def decline(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Passes the offer on."""
    return acting.act(
        request,
        conversation_id,
        lambda: services.decline_offer(actor=staff(request), conversation_id=conversation_id),
        acting.whole_workspace,
    )


@requires("serve_citizens")
@require_POST
def take_over(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Takes the conversation from the bot, a queue or the colleague the screen named."""

    def do() -> None:
        _check_still_held_by(conversation_id, request.POST.get("holder"))
        services.take_over(actor=staff(request), conversation_id=conversation_id)

    return acting.act(request, conversation_id, do, acting.whole_workspace)


def _check_still_held_by(conversation_id: int, holder: str | None) -> None:
    """Two who take over at once must not take it from each other unseen.

    Runs under the row's lock, in the transaction of the act. `holder` is the account the form
    showed, empty for nobody; a form that does not say is not checked.
    """
    row = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
    if row is None or holder is None or holder == str(row.agent_id or ""):
        return
    if row.agent is None:
        raise Refused("changed", _("It changed hands a moment ago: look again, then take over."))
    raise Refused(
        "changed",
        _("%(name)s took this conversation a moment ago. To take it from them, take over again.")
        % {"name": row.agent.name},
    )


@requires("write_notes")
@require_POST
def write(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """A reply, a note or a template, as the composer's `mode` says."""
    if request.POST.get("mode") != "note" and not can(staff(request), "serve_citizens"):
        raise PermissionDenied("serve_citizens")
    body = request.POST.get("body", "").replace("\r\n", "\n").replace("\0", "").strip()
    try:
        template = _template(request, conversation_id)
        carried = _carried(request)
    except Refused as refused:
        return acting.refusal(request, conversation_id, refused)

    def do() -> None:
        actor = staff(request)
        if template is not None:
            services.reply(
                actor=actor, conversation_id=conversation_id, content=template, typed=False
            )
        elif request.POST.get("mode") == "note":
            _note(request, conversation_id, body)
        else:
            _reply(request, conversation_id, body, carried)
            canned.count_used(request.POST.get("canned", "").split()[:MOST_CANNED])
        if template is None:  # beside a template stays what one wanted to write
            services.save_draft(actor=actor, conversation_id=conversation_id, body="")

    return acting.act(request, conversation_id, do, acting.new_lines)


def _template(request: HttpRequest, conversation_id: int) -> Template | None:
    """The template chosen, before any transaction: the channel may have to be asked for it.

    None in the other modes. Raises `Refused` for no mode at all.
    """
    mode = request.POST.get("mode", "")
    if mode not in ("reply", "note", "template"):
        raise Refused("no_mode", _("Choose reply, note or template first."))
    return approved.chosen(request.POST, conversation_id) if mode == "template" else None


def _note(request: HttpRequest, conversation_id: int, body: str) -> None:
    called: list[int] = []
    if "@" in body:
        people = User.objects.filter(is_active=True).values_list("pk", "name")
        called = mentioning.called(body, dict(people))
    services.add_note(
        actor=staff(request), conversation_id=conversation_id, body=body, mentions=called
    )


def _carried(request: HttpRequest) -> list[attaching.Carried]:
    """The file and the voice note of a reply, before any transaction. Raises `Refused`."""
    if request.POST.get("mode") != "reply":
        return []
    file, recording = request.FILES.get("file"), request.FILES.get("voice")
    return [
        *([attaching.chosen(file)] if isinstance(file, UploadedFile) else []),
        *([attaching.spoken(recording)] if isinstance(recording, UploadedFile) else []),
    ]


def _reply(
    request: HttpRequest, conversation_id: int, body: str, carried: list[attaching.Carried]
) -> None:
    actor = staff(request)
    hold_s = team.UNDO_S if companions.preference(actor.pk).undo_send else 0
    reply = partial(
        services.reply,
        actor=actor,
        conversation_id=conversation_id,
        reply_to=answering.quoted(conversation_id, request.POST.get("quote")),
        hold_s=hold_s,
    )
    if not carried:
        reply(content=Text(body))
    for one in carried:
        attaching.reply(reply, conversation_id=conversation_id, carried=one, body=body)
        body = ""


@requires("serve_citizens")
@require_POST
def retry(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Sends a failed message again."""
    return acting.act(
        request,
        conversation_id,
        lambda: services.retry_delivery(
            actor=staff(request),
            conversation_id=conversation_id,
            ref=request.POST.get("ref", ""),
        ),
        acting.new_lines,
    )


@requires("write_notes")
@require_POST
def draft(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Keeps what is being typed; answered without a body.

    A draft of a form that was sent meanwhile comes too late and is not kept, nor does one that the
    browser gave up on replace a newer one; one whose message is being sent waits for it, by the
    lock that message takes too.
    """
    try:
        with transaction.atomic():
            Conversation.objects.select_for_update().filter(pk=conversation_id).first()
            if once.is_used(request.POST.get(once.FIELD, "")):
                return HttpResponse(status=204)
            services.save_draft(
                actor=staff(request),
                conversation_id=conversation_id,
                body=request.POST.get("body", "").replace("\0", ""),
                is_note=request.POST.get("mode") == "note",
                page=request.POST.get("page", "").replace("\0", "")[:32],
                nth=whole_number(request.POST.get("nth")),
            )
    except Refused:
        return HttpResponse(status=404)
    return HttpResponse(status=204)
