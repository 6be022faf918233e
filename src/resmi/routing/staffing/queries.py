"""Staff as a file says them: every account with what it serves."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.conf import settings

from resmi.agency.models import User
from resmi.routing import queries
from resmi.routing.models import Presence
from resmi.routing.staffing.reading import Facts
from resmi.routing.staffing.rules import Known, Person


def known() -> dict[str, Known]:
    """Every account by its address in small letters, by name; three statements."""
    users = list(User.objects.order_by("name", "id"))
    work = queries.settings_of(user.pk for user in users)
    loads = dict(Presence.objects.filter(load__gt=0).values_list("agent_id", "load"))
    return {
        user.email.lower(): Known(
            id=user.pk,
            load=loads.get(user.pk, 0),
            person=Person(
                name=user.name,
                role=user.role,
                active=user.is_active,
                pseudonym=user.display_name,
                language=user.language,
                time_zone=user.time_zone,
                queues=work[user.pk].queues,
                skills=work[user.pk].skills,
                capacity=work[user.pk].capacity,
            ),
        )
        for user in users
    }


def facts() -> Facts:
    """What the cells of a file may name now."""
    return Facts(
        queues=frozenset(queries.queues()),
        languages=frozenset(code for code, _name in settings.LANGUAGES),
        time_zones=frozenset(available_timezones()),
    )
