"""The script beside a conversation, as its reader sees it: points, what is done, what is left."""

from __future__ import annotations

from dataclasses import dataclass

from resmi.bot import scripts
from resmi.bot.schema import Pack, Words
from resmi.conversations.queries import ConversationRow


@dataclass(frozen=True, kw_only=True)
class Step:
    """One point in the reader's language."""

    key: str
    text: str
    required: bool
    done: bool
    canned: str


@dataclass(frozen=True, kw_only=True)
class Guide:
    """The script of one conversation; without a `key` it goes by none.

    `others` are the scripts of the pack, key and name.
    """

    key: str
    name: str
    steps: tuple[Step, ...]
    others: tuple[tuple[str, str], ...]

    @property
    def left(self) -> tuple[Step, ...]:
        """The required points that are open."""
        return tuple(step for step in self.steps if step.required and not step.done)

    @property
    def done(self) -> int:
        """How many points are ticked."""
        return sum(step.done for step in self.steps)


def of_row(row: ConversationRow, pack: Pack, language: str) -> Guide:
    """What the conversation goes by, in `language` where the pack speaks it."""
    others = tuple((one.key, said(pack, one.name, language)) for one in pack.scripts)
    script = scripts.in_force(pack, chosen=row.script, reason=row.reason, queue=row.queue)
    if script is None:
        return Guide(key="", name="", steps=(), others=others)
    steps = tuple(
        Step(
            key=point.key,
            text=said(pack, point.text, language),
            required=point.required,
            done=scripts.mark(script.key, point.key) in row.ticked,
            canned=point.canned,
        )
        for point in script.points
    )
    name = said(pack, script.name, language)
    return Guide(key=script.key, name=name, steps=steps, others=others)


def required(pack: Pack, language: str) -> list[tuple[str, str]]:
    """Key and name of the pack's notices, in order: the first is sent by the key 1."""
    return [(one.key, said(pack, one.name, language)) for one in pack.notices][:9]


def names(pack: Pack, language: str) -> dict[str, str]:
    """What scripts and notices (by key) and points (`script/point`) are called in `language`."""
    found = {one.key: said(pack, one.name, language) for one in pack.scripts}
    found |= dict(required(pack, language))
    for script in pack.scripts:
        for point in script.points:
            mark = scripts.mark(script.key, point.key)
            found[mark] = said(pack, point.text, language)
    return found


def said(pack: Pack, words: Words, language: str) -> str:
    """A text of the pack in `language`, else in the pack's first."""
    return next((words[one] for one in (language, *pack.languages) if one in words), "")
