"""Forms that act once, however often they arrive.

Every form carries a fresh token (`{% form_fields %}`); `claim` writes it down in the transaction of
the act. A second arrival waits for the first one's commit and is then told that all is done.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from resmi.agency.models import SubmittedForm, User

FIELD = "once"
KEPT_FOR = timedelta(days=1)
PRUNE_EVERY = 200  # tokens are random: about every 200th form takes the old ones away


def new_token() -> str:
    """A token for a form that is about to be shown."""
    return str(uuid.uuid4())


def claim(*, actor: User, token: str) -> bool:
    """True for the first arrival of `token`; False when its act is already committed.

    Runs in the caller's transaction: if the act is refused, the token is free again. A form
    without a readable token is taken as new, so that a hand-made request still works.
    """
    key = _key(token)
    if key is None:
        return True
    try:
        with transaction.atomic():
            SubmittedForm.objects.create(token=key, user=actor)
    except IntegrityError:
        return False
    if key.int % PRUNE_EVERY == 0:
        SubmittedForm.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return True


def is_used(token: str) -> bool:
    """Whether the act of `token` is committed."""
    key = _key(token)
    return key is not None and SubmittedForm.objects.filter(token=key).exists()


def _key(token: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(token)
    except ValueError:
        return None
