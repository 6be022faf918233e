"""What the forecast of the next hour rests on, in words; and which holidays it knows of today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from resmi.conversations.expecting import Expected
from resmi.routing import queries as routing

_ASSUMED = {
    ("holidays", False): gettext_lazy(
        "Closed in the next hour. The forecast is the mean of this hour on earlier holidays that "
        "were closed then."
    ),
    ("holidays", True): gettext_lazy(
        "Open in the next hour. The forecast is the mean of this hour on earlier holidays that "
        "were open then."
    ),
    ("closed", False): gettext_lazy(
        "Closed in the next hour, and there is no earlier holiday to learn from: the forecast "
        "assumes that nobody comes."
    ),
    ("open", True): gettext_lazy(
        "Open in the next hour, and there is no earlier holiday to learn from: the forecast "
        "assumes an ordinary day."
    ),
    ("none", True): gettext_lazy(
        "Open in the next hour. There is no forecast: neither an earlier holiday nor two ordinary "
        "weeks are there to learn from."
    ),
}


class Holiday(msgspec.Struct, frozen=True, kw_only=True):
    """A holiday today: its name ("" without one), where ("": everywhere), and what is assumed.

    `assumed` are sentences, each with the queues it is about; no queues: all that keep the day.
    """

    name: str
    place: str
    assumed: tuple[tuple[str, str], ...]


def words(found: Expected) -> str:
    """What one queue's number is."""
    if found.source == "weeks":
        said = ngettext(
            "The mean of this hour in %(count)s ordinary week",
            "The mean of this hour in %(count)s ordinary weeks",
            found.days,
        )
        return said % {"count": found.days}
    if found.source == "holidays":
        said = ngettext(
            "This hour on %(count)s earlier holiday",
            "The mean of this hour on %(count)s earlier holidays",
            found.days,
        )
        return said % {"count": found.days}
    if found.source == "closed":
        return _("Closed on this holiday: nobody is expected")
    if found.source == "open":
        return _("No earlier holiday to learn from: as on an ordinary day")
    return _("Too few weeks to learn from")


def holidays(found: Iterable[tuple[str, str, Expected]]) -> list[Holiday]:
    """Today's holidays; `found` are name, region and forecast of each queue."""
    places: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for queue, region, one in found:
        if one.holiday is not None:
            places[region, one.holiday][str(_ASSUMED[one.source, one.is_open])].append(queue)
    names = {region.key: region.name for region in routing.in_force().policy.regions}
    return [
        Holiday(name=name, place=names.get(region, ""), assumed=_told(sentences))
        for (region, name), sentences in places.items()
    ]


def _told(sentences: Mapping[str, list[str]]) -> tuple[tuple[str, str], ...]:
    is_one = len(sentences) == 1
    return tuple((said, "" if is_one else ", ".join(on)) for said, on in sentences.items())
