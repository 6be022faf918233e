"""The mentions of companies in a message, each with its outcome."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from resmi.registry.matching import addressed, known, lexicon, reading, spans, vouching
from resmi.registry.matching.budget import RESERVE_OF_TWO, Budget
from resmi.registry.matching.entries import Entries
from resmi.registry.matching.guessed import Guesser
from resmi.registry.matching.identifiers import Found, Identifiers
from resmi.registry.matching.keys import Keys
from resmi.registry.matching.lexicon import Sort
from resmi.registry.matching.naming import Strength
from resmi.registry.matching.outcome import Outcome
from resmi.registry.matching.reading import Item
from resmi.registry.matching.spans import Hit, Run

_FRAME = frozenset(["ojk", "cek", "terdaftar", "izin"])
_FEW_WORDS = 6
_MOST_BRIDGED = 5
_ENDS = frozenset("?!;•\n")  # of a sentence; a full stop may as well be that of "Ltd."
_COURTESY = frozenset(["terima", "trima", "kasih", "salam", "thank", "sebelumnya", "banyak"])
_LEAST_BESIDE = 9  # letters of a single word guessed at beside a name found already
_NAMES = frozenset((Strength.FULL, Strength.FORMER, Strength.HEAD))  # no shortening of ours
_SHORTEST = 2  # letters of an unknown name
_MARK_STEPS, _READING_STEPS, _RUN_STEPS, _HIT_STEPS = 100, 15, 20, 130
_ABOUT_NUMBERS = frozenset(["nomor", "no", "nomer", "nmr", "number", "milik", "punya"])


def mentions(
    text: str,
    keys: Keys,
    identifiers: Identifiers,
    entries: Entries,
    *,
    whole: bool,
    cut: bool = False,
) -> tuple[list[Outcome], bool]:
    """What a prepared text says about companies, in the order of the text, and whether all of it
    was looked at; if not, or when the text was `cut` off, nothing vouches."""
    budget = Budget()
    outcomes = _mentions(text, keys, identifiers, entries, whole, budget)
    if not (cut or budget.ended):
        return outcomes, True
    return [_unvouched(one, entries) for one in outcomes], False


def _unvouched(outcome: Outcome, entries: Entries) -> Outcome:
    """The outcome when not all of the message was looked at."""
    if outcome.status != "licensed":
        return outcome
    return _cautious(outcome, (entries[outcome.entities[0]].name,))


def _mentions(
    text: str,
    keys: Keys,
    identifiers: Identifiers,
    entries: Entries,
    whole: bool,
    budget: Budget,
) -> list[Outcome]:
    marks = identifiers.extract(text, budget)
    if marks:
        marks = _outside_names(marks, text, keys, entries, budget)
    if not marks:
        return _named(text, reading.items(text), keys, entries, whole, budget)
    masked = _masked(text, marks)
    addressed_ones = []
    for one in marks:
        if not budget.spend(_MARK_STEPS):
            break
        addressed_ones.append(addressed.decide(one, identifiers, keys, entries, budget))
    marks = marks[: len(addressed_ones)]
    found = reading.items(masked)
    addressed_ones = [
        vouching.beside(vouching.alone(outcome, mark, text), masked, found)
        for outcome, mark in zip(addressed_ones, marks, strict=True)
    ]
    named = _named(masked, found, keys, entries, whole and not marks, budget)
    if any(mark.kind == "licence" for mark in marks):
        return _with_licence(named, addressed_ones, marks, found)
    if any(outcome.firm for outcome in addressed_ones):
        named = [outcome for outcome in named if outcome.firm]
    if named:
        named = _with_strange_contacts(named, addressed_ones, text)
        addressed_ones = [outcome for outcome in addressed_ones if outcome.firm or outcome.entities]
    return sorted(named + addressed_ones, key=lambda outcome: outcome.start)


def _named(
    text: str, found: list[Item], keys: Keys, entries: Entries, whole: bool, budget: Budget
) -> list[Outcome]:
    """The outcomes of the names among the words found in a text."""
    budget.left -= _READING_STEPS * len(found)
    budget.cut = budget.cut or len(found) >= reading.MOST_WORDS
    return _Message(text, found, keys, entries, whole, budget).outcomes() if found else []


def _outside_names(
    marks: list[Found], text: str, keys: Keys, entries: Entries, budget: Budget
) -> list[Found]:
    """The identifiers that are not part of a registered name ("PT Contoh contoh.id")."""
    open_ones = {mark for mark in marks if mark.kind != "licence" and not _is_marked(mark.text)}
    if not open_ones:
        return marks
    found = reading.items(text)
    budget.spend(_READING_STEPS * len(found))
    hits = spans.hits(found, keys, budget, RESERVE_OF_TWO)
    places = [(found[hit.start].start, found[hit.end - 1].end, hit.key) for hit in hits]
    named = bytearray(len(text))
    for start, end, _ in places:
        named[start:end] = b"\x01" * (end - start)

    def is_named(mark: Found) -> bool:
        if mark.kind == "phone":
            return all(named[mark.start : mark.end])
        owners = (
            at
            for start, end, key in places
            if start <= mark.start and mark.end <= end
            for at, _ in keys.find(key)
        )
        return any(
            budget.spend(_MARK_STEPS) and vouching.is_called(mark.text, entries[at])
            for at in owners
        )

    return [mark for mark in marks if mark not in open_ones or not is_named(mark)]


def _is_marked(text: str) -> bool:
    """Whether an address can be nothing but an address."""
    return "/" in text or "@" in text or text.lower().startswith("www.")


def _masked(text: str, marks: list[Found]) -> str:
    """The text with commas where identifiers stood, so that offsets stay."""
    parts: list[str] = []
    last = 0
    for mark in marks:
        parts += [text[last : mark.start], ",".ljust(mark.end - mark.start)]
        last = mark.end
    return "".join((*parts, text[last:]))


def _with_licence(
    named: list[Outcome], addressed_ones: list[Outcome], marks: list[Found], found: list[Item]
) -> list[Outcome]:
    """A name beside a licence number must be the number's: else it is exposed as an imitation."""
    owners = {
        at
        for outcome, mark in zip(addressed_ones, marks, strict=True)
        if mark.kind == "licence"
        for at in outcome.entities
    }
    if not named:
        plain = all(
            item.sort in (Sort.FUNCTION, Sort.FORM, Sort.KIND) or item.text in _ABOUT_NUMBERS
            for item in found
        )
        return addressed_ones if plain else _numbers_only(addressed_ones)
    result = []
    for outcome in named:
        if owners and owners.isdisjoint(outcome.entities) and outcome.status != "illegal":
            held = (*owners, *outcome.entities)
            outcome = outcome._replace(status="similar", entities=held, differs=("licence number",))
        result.append(outcome)
    rest = [
        outcome
        for outcome, mark in zip(addressed_ones, marks, strict=True)
        if mark.kind != "licence" or not outcome.entities
    ]
    return sorted(result + rest, key=lambda outcome: outcome.start)


def _numbers_only(outcomes: list[Outcome]) -> list[Outcome]:
    return [_cautious(outcome, ("licence number",)) for outcome in outcomes]


def _with_strange_contacts(named: list[Outcome], others: list[Outcome], text: str) -> list[Outcome]:
    """The names, asked back when the message gives a telephone number the register lacks: it may
    be the swindler's."""
    strange = tuple([text[one.start : one.end] for one in others if not (one.firm or one.entities)])
    return [_cautious(outcome, strange) for outcome in named] if strange else named


def _cautious(outcome: Outcome, differs: tuple[str, ...]) -> Outcome:
    """The outcome, asking instead of vouching."""
    if outcome.status != "licensed":
        return outcome
    return outcome._replace(status="confirm", differs=differs)


class _Message:
    """One message on its way to outcomes."""

    def __init__(
        self,
        text: str,
        found: list[Item],
        keys: Keys,
        entries: Entries,
        whole: bool,
        budget: Budget,
    ) -> None:
        self.text = text
        self.found = found
        self.keys = keys
        self.entries = entries
        self.whole = whole
        self.budget = budget
        self.hits = self.meant = spans.hits(found, keys, budget)
        self.guesser = Guesser(found, keys, entries, budget)

    def outcomes(self) -> list[Outcome]:
        """The firm outcomes; without any, the likeliest of the others."""
        found = list(self._all())
        if len(found) < 2:
            return found
        likely = [outcome for outcome in found if outcome.status != "unknown" or outcome.firm]
        return likely or sorted(found, key=lambda outcome: outcome.start - outcome.end)[:1]

    def _all(self) -> Iterator[Outcome]:
        runs = self._runs()
        at = 0
        while at < len(runs):
            run = runs[at]
            steps = _RUN_STEPS + 6 * (run.end - run.start) + _HIT_STEPS * len(run.hits)
            if not self.budget.spend(steps):
                return
            outcome, length = self._bridge(runs, at)
            if outcome:
                yield outcome
            elif at + 1 < len(runs) and self._trails(run, runs[at + 1]):
                then = self.found[runs[at + 1].start : runs[at + 1].end]
                differs = tuple([item.text for item in then])
                yield from [_cautious(outcome, differs) for outcome in self._run(run)]
            else:
                yield from self._run(run)
            at += length

    def _trails(self, run: Run, then: Run) -> bool:
        """Whether words follow the run that may belong to its name: any but those of courtesy
        behind no more than a comma or a full stop ("Contoh, Reborn", "Contoh Ltd. - branch")."""
        return (
            bool(run.hits)
            and not then.hits
            and run.end == then.start
            and self._is_loose(then.start)
            and any(item.text not in _COURTESY for item in self.found[then.start : then.end])
        )

    def _is_loose(self, at: int) -> bool:
        """Whether only a comma, or the dot of an abbreviation, stands before the word."""
        between = self.text[self.found[at - 1].end : self.found[at].start]
        return self.found[at].gap == 1 or ("." in between and _ENDS.isdisjoint(between))

    def _bridge(self, runs: list[Run], at: int) -> tuple[Outcome | None, int]:
        """A misspelt name reaching over words that otherwise end one; how many runs it takes."""
        if at == 0 and not self.meant:
            outcome = self.guesser.bridged(0, len(self.found))
            if outcome:
                return outcome, len(runs)
        for last in range(self._bridgeable(runs, at), at, -1):
            if outcome := self.guesser.bridged(runs[at].start, runs[last].end):
                return outcome, last + 1 - at
        return None, 1

    def _bridgeable(self, runs: list[Run], at: int) -> int:
        """How far single words part the runs and no name among them is settled already."""
        last = at
        end = min(len(runs), at + _MOST_BRIDGED) - 1
        if last == end or self._settled(runs[at]):
            return at
        while last < end:
            then = runs[last + 1]
            parted = then.start - runs[last].end > 1 or self.found[then.start].gap > 1
            if parted or self._settled(then):
                break
            last += 1
        return last

    def _settled(self, run: Run) -> bool:
        return bool(run.hits) and not self._foreign(run)

    def _foreign(self, run: Run) -> bool:
        return any(known.Leftover(self.found, run, hit, self.keys).foreign for hit in run.hits)

    def _runs(self) -> list[Run]:
        """The runs, with the hits but those that are everyday words used as such."""
        runs = spans.runs(self.found, self.hits, self.text)
        if not self.hits:
            return runs
        self.meant = [hit for run in runs for hit in run.hits if self._is_name(run, hit)]
        if len(self.meant) == len(self.hits):
            return runs
        return spans.runs(self.found, self.meant, self.text)

    def _run(self, run: Run) -> list[Outcome]:
        if not run.hits:
            guessed = None if self._says_too_little(run) else self.guesser.guess(run.start, run.end)
            guessed = guessed or self._unknown(run)
            return [guessed] if guessed else []
        outcomes = [self._decided(run, hit) for hit in run.hits]
        similar = [outcome for outcome in outcomes if outcome.status == "similar"]
        if not similar:
            return outcomes
        if self._foreign(run) and (guessed := self.guesser.guess(run.start, run.end)):
            return [guessed]
        return similar[:1]

    def _decided(self, run: Run, hit: Hit) -> Outcome:
        """The outcome for a hit; a name written like an address is asked back."""
        outcome = known.decide(self.found, run, hit, self.keys, self.entries)
        if outcome.status != "licensed":
            return outcome
        said = self.text[outcome.start : outcome.end]
        address = vouching.address_in(said, self.entries[outcome.entities[0]])
        return _cautious(outcome, (address,)) if address else outcome

    def _says_too_little(self, run: Run) -> bool:
        """Whether a short word is all there is to guess from, in a message that asks about
        nothing or that holds a name already."""
        words = self.found[run.start : run.end]
        names = [at for at in range(run.start, run.end) if self.found[at].sort == Sort.NAME]
        if len(names) != 1 or any(item.sort == Sort.FORM for item in words):
            return False
        item = self.found[names[0]]
        if item.text.isdigit():
            return len(self.found) > 1
        short = len(item.text) < _LEAST_BESIDE and not self._is_led_to(names[0])
        return short and (bool(self.meant) or not self._asks)

    def _is_led_to(self, at: int) -> bool:
        """Whether the word is written, or stands, as a name does."""
        item = self.found[at]
        if item.capital and item.start and item.gap < 2:
            return True
        before = self.found[at - 1] if at else None
        return (
            before is not None
            and not item.gap
            and (before.sort in (Sort.KIND, Sort.FORM) or before.text in lexicon.CUES)
        )

    def _is_name(self, run: Run, hit: Hit) -> bool:
        """Whether the words of a hit are a name here and not words used as such."""
        if hit.key in lexicon.CHANNELS and any(
            other.key not in lexicon.CHANNELS for other in self.hits
        ):
            return False
        if known.is_generic(self.found, hit):
            return known.is_meant(self.found, run, hit, self.keys, self._asks)
        if hit.end > hit.start + 1 or self._asks or self._is_led_to(hit.start):
            return True
        word = self.found[hit.start].text
        if not word.isascii():
            return True
        full = any(strength in _NAMES for _, strength in self.keys.find(hit.key))
        return full and not (lexicon.is_ordinary(word) or word.isdigit())

    def _unknown(self, run: Run) -> Outcome | None:
        """A name nobody registered, if the run reads like a name."""
        words = self.found[run.start : run.end]
        formed = any(item.sort == Sort.FORM for item in words)
        names = [item for item in words if self._may_name(item)]
        if not (names or formed or self.whole):
            return None
        before = self.found[run.start - 1] if run.start else None
        cued = before is not None and before.text in lexicon.CUES
        mostly = len(names) * 2 >= len(words)
        firm = formed or self.whole or any(item.capital for item in names[1:])
        if not (firm or (mostly and (cued or self._asks))):
            return None
        return Outcome("unknown", words[0].start, words[-1].end, firm=firm or cued)

    def _may_name(self, item: Item) -> bool:
        """Whether the word by itself may be a company nobody registered."""
        return item.sort == Sort.NAME and len(item.text) >= _SHORTEST and not item.text.isdigit()

    @cached_property
    def _asks(self) -> bool:
        return len(self.found) <= _FEW_WORDS or any(
            item.sort == Sort.CLAIM or item.text in _FRAME for item in self.found
        )
