"""The templates an agent may choose from, and the message made from the choice."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.cache import caches
from django.utils.translation import gettext as _

from resmi.channels.whatsapp import catalogue
from resmi.channels.whatsapp.catalogue import Approved, Unavailable
from resmi.conversations.models import Conversation
from resmi.engine.content import Template
from resmi.engine.lifecycle import Refused

FRESH_S = 300
VALUE_LENGTH = 500


def for_conversation(conversation_id: int) -> list[Approved]:
    """Approved templates of the conversation's channel, its language first.

    Raises `catalogue.Unavailable` when the channel does not answer.
    """
    found = (
        Conversation.objects.filter(pk=conversation_id)
        .values_list("channel__kind", "channel__account", "language")
        .first()
    )
    if found is None or found[0] != "whatsapp" or not found[1]:
        return []
    _kind, account, language = found
    return sorted(_cached(account), key=lambda template: template.language[:2] != language)


def _cached(account: str) -> list[Approved]:
    key = f"templates:{account}"
    known: list[Approved] | None = caches["process"].get(key)
    if known is None:
        known = catalogue.approved(account)
        caches["process"].set(key, known, FRESH_S)
    return known


def chosen(form: Mapping[str, str], conversation_id: int) -> Template:
    """The template a form chose, filled in. Raises `Refused` for what is missing or not approved.

    `template` is `name|language`, values come as `value_1`, `value_2`, …
    """
    template = _find(form.get("template", ""), conversation_id)
    values = tuple(
        " ".join(form.get(f"value_{place}", "").split())[:VALUE_LENGTH]
        for place in range(1, len(template.names) + 1)
    )
    if not all(values):
        raise Refused("empty_value", _("Fill in every value of the template."))
    return Template(
        name=template.name,
        language=template.language,
        parameters=values,
        preview=catalogue.fill(template, values),
    )


def _find(choice: str, conversation_id: int) -> Approved:
    name, _bar, language = choice.partition("|")
    try:
        templates = for_conversation(conversation_id)
    except Unavailable as unavailable:
        raise Refused(
            "no_templates",
            _("The channel did not say which templates are approved. Try again in a moment."),
        ) from unavailable
    for template in templates:
        if (template.name, template.language) == (name, language):
            return template
    raise Refused("no_template", _("Choose a template that is approved."))
