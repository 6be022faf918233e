"""Tables, and the rows an installation begins with. Needs Django."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from resmi.bot import packs
from resmi.routing import services as routing


def migrate() -> None:
    """Brings the tables up to date."""
    call_command("migrate", interactive=False, verbosity=0)


def put_queues() -> int:
    """Creates or changes the queues as the pack describes them; how many."""
    pack = packs.load(Path(settings.PACK))
    for queue in pack.queues:
        routing.put_queue(
            actor=None,
            key=queue.key,
            settings={
                "name": queue.name.get(settings.LANGUAGE_CODE) or next(iter(queue.name.values())),
                "skills": list(queue.skills),
                "priority": queue.priority,
                "offer_s": queue.offer_s,
                "target_s": queue.target_s,
            },
        )
    return len(pack.queues)
