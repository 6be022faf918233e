"""The agency's routing policy as data: costs, priority rules, breaks, regions. Pure.

One document, edited on the settings page, kept in versions. What it does not say has a default, so
that an empty policy is a working one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

import msgspec

from resmi.agency.hours import Interval, OpeningHours
from resmi.routing import rules

WORDS_NOTED = "words:"


class PriorityRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Adds `points` when every kind of evidence it names is there.

    `words`: any of them in what the citizen wrote (whole words, case ignored); `flags`: any of them
    on the contact; `collected`: label of an answer the bot collected that is not empty or `False`;
    `least_value`: the contact's value at least. Evidence may come one after the other, in different
    messages of a conversation. A rule that names no evidence never matches.
    """

    key: str
    name: str
    points: int
    words: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    collected: str = ""
    least_value: int | None = None


class Break(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason for being away. `most_s`: seconds after which supervisors see it as overlong."""

    key: str
    name: dict[str, str]
    most_s: int = 0


class Holiday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date (2026-03-19) or a day of every year (08-17); closed unless `open` says hours."""

    date: str
    name: str
    open: tuple[str, ...] = ()


class Region(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Opening hours of a part of the country: time zone, weekly hours (Monday first), holidays."""

    key: str
    name: str
    time_zone: str
    weekly: tuple[tuple[str, ...], ...]
    holidays: tuple[Holiday, ...] = ()


class QueueFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A queue's settings; times in seconds, 0: none.

    `skills` are written `loans` or `loans:2` (least level). After `overflow_after_s` of waiting the
    agents of `overflow_to` may serve too. `target_s`, `next_target_s` and `resolve_target_s` are
    the promises; `wrap_up_s` an agent stays charged after closing; `hold_s` a citizen is kept for
    the agent they know; `callback_after_s`: from this estimated wait on, leaving a message is
    offered. `region` names opening hours of the policy, "": the agency's. A `closed` queue takes
    nobody new, since `closed_at`; `closings` are the times it was so before. Promises count only
    while it is open, or `around_the_clock`.
    """

    key: str
    name: str
    skills: tuple[str, ...] = ()
    priority: int = 0
    offer_s: int = 30
    target_s: int = 60
    handle_s: int = 300
    next_target_s: int = 0
    resolve_target_s: int = 0
    overflow_to: str = ""
    overflow_after_s: int = 0
    wrap_up_s: int = 0
    hold_s: int = 0
    callback_after_s: int = 0
    region: str = ""
    closed: bool = False
    closed_at: datetime | None = None
    closings: tuple[tuple[datetime, datetime], ...] = ()
    around_the_clock: bool = False


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole. `costs` are capacity units by kind of channel; times in seconds.

    `continuity_s`: so long the citizen's last agent is preferred. `away_after_missed` offers in a
    row set an agent away. `retell_s`: a waiting citizen hears a better place at most so often.
    """

    costs: dict[str, int] = {}
    priorities: tuple[PriorityRule, ...] = ()
    breaks: tuple[Break, ...] = ()
    regions: tuple[Region, ...] = ()
    continuity_s: int = 24 * 3600
    away_after_missed: int = 2
    retell_s: int = 180

    def cost_of(self, kind: str) -> int:
        """Capacity units one conversation on this kind of channel takes."""
        return self.costs.get(kind, rules.COSTS.get(kind, rules.COSTS["chat"]))

    def region(self, key: str) -> OpeningHours | None:
        """A region's opening hours, or None when there is no such region."""
        found = next((region for region in self.regions if region.key == key), None)
        return hours_of(found) if found else None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the citizen and their wish when priority is decided."""

    texts: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    collected: dict[str, str] = {}
    value: int = 0


def matching(policy: Policy, evidence: Evidence) -> tuple[PriorityRule, ...]:
    """The rules that match, in the policy's order."""
    return tuple(rule for rule in policy.priorities if _matches(rule, evidence))


def said(
    policy: Policy, evidence: Evidence, heard: Collection[str] = ()
) -> tuple[PriorityRule, ...]:
    """The rules whose words and collected answer are there, whoever the citizen is.

    `heard` are `note`s of rules whose words were written earlier in the conversation.
    """
    return tuple(
        rule
        for rule in policy.priorities
        if (rule.words or rule.collected) and _matches(_still_open(rule, heard), evidence)
    )


def in_part(policy: Policy, evidence: Evidence) -> tuple[PriorityRule, ...]:
    """The rules whose words are there and whose collected answer is not yet."""
    return tuple(
        rule
        for rule in policy.priorities
        if rule.words
        and rule.collected
        and not _matches(_of_all(rule), evidence)
        and _matches(msgspec.structs.replace(_of_all(rule), collected=""), evidence)
    )


def note(rule: PriorityRule) -> str:
    """What the log keeps among rules' keys of one whose words were written (no key has a colon)."""
    return f"{WORDS_NOTED}{rule.key}"


def _still_open(rule: PriorityRule, heard: Collection[str]) -> PriorityRule:
    rule = _of_all(rule)
    has_words = rule.collected and note(rule) in heard
    return msgspec.structs.replace(rule, words=()) if has_words else rule


def personal(
    policy: Policy, evidence: Evidence, heard: Collection[str]
) -> tuple[PriorityRule, ...]:
    """The rules about who the citizen is that match; `heard` are keys of those once `said`."""
    return tuple(
        rule
        for rule in policy.priorities
        if is_personal(rule)
        and (rule.key in heard or not (rule.words or rule.collected))
        and _matches(msgspec.structs.replace(rule, words=(), collected=""), evidence)
    )


def is_personal(rule: PriorityRule) -> bool:
    """Whether it asks who the citizen is: that may change while they wait."""
    return bool(rule.flags) or rule.least_value is not None


def _of_all(rule: PriorityRule) -> PriorityRule:
    return msgspec.structs.replace(rule, flags=(), least_value=None)


def points(matched: Iterable[PriorityRule]) -> int:
    """What the rules add up to, within bounds."""
    total = sum(rule.points for rule in matched)
    return min(max(total, -rules.MAX_PRIORITY), rules.MAX_PRIORITY)


def _matches(rule: PriorityRule, evidence: Evidence) -> bool:
    found = []
    if rule.words:
        pattern = _pattern(rule.words)
        found.append(any(pattern.search(text.casefold()) for text in evidence.texts))
    if rule.flags:
        found.append(bool(evidence.flags.intersection(rule.flags)))
    if rule.collected:
        answer = evidence.collected.get(rule.collected, "").strip().casefold()
        found.append(answer not in ("", "false", "no", "none"))
    if rule.least_value is not None:
        found.append(evidence.value >= rule.least_value)
    return bool(found) and all(found)


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words. Korean particles follow a word unspaced, so only its beginning is bound."""
    alternatives = "|".join(
        re.escape(" ".join(word.casefold().split())) + ("" if _is_hangul(word) else r"(?!\w)")
        for word in words
        if word.strip()
    )
    return re.compile(rf"(?<!\w)(?:{alternatives})" if alternatives else r"(?!)")


def _is_hangul(word: str) -> bool:
    return "가" <= word.strip()[-1] <= "힣"


@lru_cache(maxsize=64)
def hours_of(region: Region) -> OpeningHours:
    """A region's hours. Raises `ValueError` that says which entry is wrong."""
    special: dict[date, tuple[Interval, ...]] = {}
    yearly: dict[tuple[int, int], tuple[Interval, ...]] = {}
    names: dict[date | tuple[int, int], str] = {}
    for holiday in region.holidays:
        spans = tuple(sorted(Interval.parse(text) for text in holiday.open))
        if len(holiday.date) == len("08-17"):
            every = date.fromisoformat(f"2000-{holiday.date}")
            yearly[every.month, every.day] = spans
            names[every.month, every.day] = holiday.name
        else:
            day = date.fromisoformat(holiday.date)
            special[day], names[day] = spans, holiday.name
    weekly = tuple(tuple(sorted(Interval.parse(t) for t in day)) for day in region.weekly)
    hours = OpeningHours(
        zone=region.time_zone, weekly=weekly, special=special, yearly=yearly, names=names
    )
    hours.is_open(datetime.fromisoformat("2026-01-01T00:00:00+00:00"))  # an unknown zone says so
    return hours


def ways(
    queues: Mapping[str, QueueFacts],
    queue: QueueFacts,
    skills: Iterable[str],
    language: str,
    since: datetime,
    now: datetime,
) -> tuple[rules.Way, ...]:
    """The queue's own agents first; then, as the wait overflows, those of the queues behind it.

    What the conversation itself needs (`skills`) binds in its own queue only: an overflow queue
    serves with its own skills. The language is wished for everywhere.
    """
    spoken = (f"{rules.LANGUAGE}{language}",) if language else ()
    found = [rules.Way(queue=queue.key, needs=rules.needs_of(queue.skills, skills, spoken))]
    waited = (now - since).total_seconds()
    seen, at = {queue.key}, queue
    while at.overflow_to in queues and at.overflow_to not in seen and at.overflow_after_s > 0:
        waited -= at.overflow_after_s
        if waited < 0:
            break
        at = queues[at.overflow_to]
        seen.add(at.key)
        found.append(rules.Way(queue=at.key, needs=rules.needs_of(at.skills, spoken)))
    return tuple(found)


def receiving(queues: Mapping[str, QueueFacts], key: str) -> str:
    """Where somebody sent to queue `key` ends up: a closed queue passes them on if it can."""
    seen: set[str] = set()
    at = key
    while at in queues and queues[at].closed and queues[at].overflow_to and at not in seen:
        seen.add(at)
        at = queues[at].overflow_to
    return at if at not in queues or not queues[at].closed else key


class Problem(msgspec.Struct, frozen=True):
    """A mistake in a policy. `code` is stable; `where` names the entry, `detail` says more."""

    code: Literal["cost", "no_evidence", "points", "twice", "region"]
    where: str
    detail: str = ""


def problems(policy: Policy) -> list[Problem]:
    """What is wrong with a policy that has the right shape; empty when it can be put in force."""
    found = [Problem("cost", kind) for kind, cost in policy.costs.items() if not 1 <= cost <= 100]
    for rule in policy.priorities:
        if not (rule.words or rule.flags or rule.collected or rule.least_value is not None):
            found.append(Problem("no_evidence", rule.key))
        if not -rules.MAX_PRIORITY <= rule.points <= rules.MAX_PRIORITY:
            found.append(Problem("points", rule.key))
    for entries in (policy.priorities, policy.breaks, policy.regions):
        keys = [entry.key for entry in entries]
        found += [Problem("twice", key) for key in sorted(set(keys)) if keys.count(key) > 1]
    return found + [problem for region in policy.regions for problem in _region_problems(region)]


def _region_problems(region: Region) -> list[Problem]:
    try:
        hours_of(region)
    except (ValueError, OSError, LookupError) as error:
        return [Problem("region", region.key, str(error))]
    return []
