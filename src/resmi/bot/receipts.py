"""What a citizen may do with an answer they got: have its receipt as a picture, or dispute it."""

from __future__ import annotations

from collections.abc import Sequence

from resmi.bot import wording
from resmi.bot.run import Disputed, Run
from resmi.engine.content import Media

PICTURE = "image/png"


def picture(run: Run, options: Sequence[str]) -> None:
    """Sends the QR code of the answer's receipt, with code and address in words below it."""
    code = run.slots.get("receipt", "")
    media = run.facts.picture(code)
    if not media:
        run.say("receipt_none", options)
        return
    shown, link = run.facts.shown(code)
    name = wording.plain(run.slots.get("company", ""))
    run.pictures.append(code)
    run.replies.append(
        Media(
            kind="image",
            mime=PICTURE,
            media=media,
            caption=run.words("receipt_picture", name=name, code=shown, receipt=link),
            filename=f"{shown}.png",
        )
    )


def dispute(run: Run, options: Sequence[str]) -> None:
    """Takes down that the answer was wrong, for the people who keep the register."""
    query = run.slots.get("company", "")
    if not query:
        run.say("dispute_unclear", options)
        return
    run.disputed.append(Disputed(query, run.slots.get("receipt", "")))
    run.say("dispute_noted", options, name=wording.plain(query))
