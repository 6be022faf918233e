"""Forms that act once, however often they arrive.

Every form carries a fresh token (`{% form_fields %}`); `claim` writes it down in the transaction of
the act. A second arrival waits for the first one's commit and is then told that all is done.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from resmi.agency.models import SubmittedForm, User
from resmi.engine.lifecycle import Refused

FIELD = "once"
ANOTHER = "another"
KEPT_FOR = timedelta(days=1)
AROUND = {FIELD, "csrfmiddlewaretoken", "after", "composer", "current"}  # as in again.js
PRUNE_EVERY = 200  # tokens are random: about every 200th form takes the old ones away


def new_token() -> str:
    """A token for a form that is about to be shown."""
    return str(uuid.uuid4())


def claim(*, actor: User, token: str, said: str = "") -> bool:
    """True for the first arrival of `token`; False when its act is already committed.

    Runs in the caller's transaction: if the act is refused, the token is free again. A form
    without a readable token is taken as new, so that a hand-made request still works. Raises
    `Refused` when what is committed `said` something else: whoever got no answer and changed their
    words must not believe that these arrived.
    """
    key = _key(token)
    if key is None:
        return True
    try:
        with transaction.atomic():
            SubmittedForm.objects.create(token=key, user=actor, said=said)
    except IntegrityError:
        _check_same(key, said)
        return False
    if key.int % PRUNE_EVERY == 0:
        SubmittedForm.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return True


def said_by(request: HttpRequest) -> str:
    """Tells what a form says from anything else it could say: its fields, its files' names."""
    fields = [one for one in sorted(request.POST.lists()) if one[0] not in AROUND]
    files = [
        (name, one.name, one.size)
        for name in sorted(request.FILES)
        for one in request.FILES.getlist(name)
    ]
    return hashlib.sha256(repr((fields, files)).encode()).hexdigest()[:32]


def _check_same(key: uuid.UUID, said: str) -> None:
    before = SubmittedForm.objects.filter(token=key).values_list("said", flat=True).first()
    if before and said and before != said:
        raise Refused(
            ANOTHER,
            _(
                "What you sent before has arrived after all; this differs and was not done. Look "
                "at it first: sent once more, this is done too."
            ),
        )


def is_used(token: str) -> bool:
    """Whether the act of `token` is committed."""
    key = _key(token)
    return key is not None and SubmittedForm.objects.filter(token=key).exists()


def _key(token: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(token)
    except ValueError:
        return None
