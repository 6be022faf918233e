"""Why a message did not arrive, in the reader's own language."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext, override

from resmi.channels import explaining, settling
from resmi.channels.whatsapp import errors


@pytest.mark.parametrize("language", ["id", "ko"])
def test_every_reason_of_the_channel_is_translated(language: str) -> None:
    with override(language):
        for problem in errors.known():
            assert explaining.said(problem.words()) == " ".join(
                gettext(part) for part in (problem.reason, problem.next_step)
            )
            assert explaining.said(problem.words()) != problem.words()


def test_what_the_channel_said_itself_stands_as_it_came() -> None:
    kept = errors.classify(131009, "Parameter 'to' is wrong").words()
    with override("en"):
        assert explaining.said(kept) == kept
    with override("id"):
        assert explaining.said(kept) == (
            "WhatsApp tidak menerima sebagian pesan ini. (Parameter 'to' is wrong) "
            "Ubah pesannya lalu kirim lagi; beri tahu administrator bila pesan itu dibuat otomatis."
        )
        assert explaining.said(f"{settling.UNCONNECTED} reset").endswith("kanal: reset")
        assert explaining.said(f"{settling.IN_DOUBT} (timeout)").endswith("(timeout)")


def test_words_nobody_knows_stay() -> None:
    with override("ko"):
        assert explaining.said("Dihentikan oleh Agus") == "Dihentikan oleh Agus"
        assert explaining.said("") == ""
