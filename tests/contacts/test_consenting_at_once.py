"""Two who write what citizens consent to at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from resmi.contacts import consenting
from resmi.contacts.models import ConsentWording

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_waits_for_the_first_and_makes_the_next_version() -> None:
    begun, failed = threading.Event(), list[IntegrityError]()

    def second() -> None:
        begun.set()
        try:
            consenting.put_wording(actor=None, texts={"en": "Second"})
        except IntegrityError as error:
            failed.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=second)
    with transaction.atomic():
        consenting.put_wording(actor=None, texts={"en": "First"})
        other.start()
        begun.wait()
        other.join(0.3)  # it waits for us, or has read that there is no version yet
    other.join()
    assert failed == []
    texts = ConsentWording.objects.order_by("version").values_list("version", "texts")
    assert list(texts) == [(1, {"en": "First"}), (2, {"en": "Second"})]
