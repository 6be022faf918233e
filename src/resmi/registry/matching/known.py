"""Decides about a run that holds a registered name letter by letter.

Only here a mention can become `licensed`: the run is exactly a FULL key of one licensed entity, no
word is left over, no letter was folded, and the legal form said fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resmi.language import legal_forms
from resmi.registry.matching import lexicon, naming
from resmi.registry.matching.entries import Entries
from resmi.registry.matching.keys import Keys
from resmi.registry.matching.lexicon import Sort
from resmi.registry.matching.naming import Strength
from resmi.registry.matching.outcome import Outcome
from resmi.registry.matching.reading import Item
from resmi.registry.matching.spans import GLUED_FORMS, Hit, Run
from resmi.registry.rules import Entry, Status

_PLAIN = 2  # everyday words in a row that part a name from the rest of the sentence
_SPEECH = frozenset((Sort.FUNCTION, Sort.EVERYDAY))
_SPOKEN = 4  # words of speech round a name that make the message a sentence
_WORD = 3  # letters
_BESIDE = 12  # words looked at on each side of a name


class Leftover:
    """The words of a run beside a hit."""

    def __init__(self, found: list[Item], run: Run, hit: Hit, keys: Keys) -> None:
        self.words: list[str] = []
        self.foreign = False
        if run.start == hit.start and run.end == hit.end:
            return
        before = found[max(run.start, hit.start - _BESIDE) : hit.start]
        after = found[hit.end : min(run.end, hit.end + _BESIDE)]
        if before and before[-1].sort == Sort.KIND:
            before = before[:-1]
        kind_leads = bool(found[run.start].sort == Sort.KIND)
        self._latin = hit.key.isascii()
        self._spoken = _reads_as_speech(found, hit)
        self._cased = all(item.capital for item in found[hit.start : hit.end])
        self._add(reversed(before), kind_leads, keys)
        self.words.reverse()
        self._add(after, False, keys)

    def _add(self, beside: Iterable[Item], kind_leads: bool, keys: Keys) -> None:
        """The words on one side, the nearest first. What stands beyond a word of ordinary speech,
        or two that tell a story, is no part of the name."""
        plain = 0
        for item in beside:
            if item.sort == Sort.FORM:
                continue
            self.words.append(item.text)
            plain = plain + 1 if item.sort == Sort.EVERYDAY else 0
            if plain == _PLAIN or _parts(item, self._cased, self._latin, self._spoken, keys):
                return
            if not is_mild(item, keys) and not (kind_leads and item.sort == Sort.LURE):
                self.foreign = True


def _reads_as_speech(found: list[Item], hit: Hit) -> bool:
    """Whether the words round a hit tell or ask something."""
    beside = (
        *found[max(0, hit.start - _BESIDE) : hit.start],
        *found[hit.end : hit.end + _BESIDE],
    )
    return sum(item.sort in _SPEECH for item in beside) >= _SPOKEN


def _parts(item: Item, cased: bool, latin: bool, spoken: bool, keys: Keys) -> bool:
    """Whether the word belongs to the sentence and not to the name beside it: where the message
    is `spoken`, a word that looks like no name and stands in no registered one does."""
    if item.sort != Sort.NAME or item.unsafe:
        return False
    if latin and lexicon.is_hangul(item.text):
        return True  # a name in Latin letters goes on in Latin letters
    if cased and not item.capital and not item.text[0].isdigit():
        return not keys.frequency(item.text)  # and one in capitals with capitals
    return _is_told(item, keys) or (spoken and not _looks_like_name(item, keys))


def _looks_like_name(item: Item, keys: Keys) -> bool:
    return (
        item.capital
        or item.text[0].isdigit()
        or len(item.text) < _WORD
        or lexicon.is_namelike(item.text)
        or keys.is_known(item.text)
    )


def is_mild(item: Item, keys: Keys) -> bool:
    """Whether a word beside a name tells a story, so that it leaves it that name, to be asked
    back, rather than makes it another name."""
    if item.sort in (Sort.EVERYDAY, Sort.KIND, Sort.FORM):
        return True
    if item.sort == Sort.CLAIM:
        return item.text in lexicon.TRUTHS
    return item.sort == Sort.NAME and _is_told(item, keys)


def _is_told(item: Item, keys: Keys) -> bool:
    """Whether an unlisted word is one of ordinary speech that stands in no licensed name, or is
    shaped like a verb and stands in no registered one."""
    if item.capital and item.start and item.gap < 2:
        return False
    word = item.text
    if lexicon.is_ordinary(word) or lexicon.is_verb(word):
        return not keys.frequency(word)
    return lexicon.has_its_place(word) and not keys.is_known(word)


def is_generic(found: list[Item], hit: Hit) -> bool:
    """Whether the name is made of everyday words, so that a sentence may hold it by chance."""
    return Sort.NAME not in [item.sort for item in found[hit.start : hit.end]]


def is_meant(found: list[Item], run: Run, hit: Hit, keys: Keys, asks: bool) -> bool:
    """Whether a generic hit is a name here: the whole message, or a whole run that something
    leads to as to a name, or that stands in a question about what is legal."""
    words = found[hit.start : hit.end]
    if _without_forms(found, *_core(found, run, hit, keys)) != _without_forms(
        found, hit.start, hit.end
    ):
        return False
    if (run.start, run.end) == (0, len(found)):
        return True
    sorts = {item.sort for item in words}
    if sorts <= {Sort.FUNCTION, Sort.EVERYDAY}:
        return False
    if not words[0].capital and _leads_on(found, hit.end):
        return False
    before = found[hit.start - 1] if hit.start else None
    return (
        before is None
        or (asks and len(words) > 1)
        or before.text in lexicon.CUES
        or before.sort in (Sort.KIND, Sort.FORM)
        or words[0].sort == Sort.FORM
        or words[0].capital
        or words[0].gap > 0
    )


def _core(found: list[Item], run: Run, hit: Hit, keys: Keys) -> tuple[int, int]:
    """The run without what a word of ordinary speech right beside the hit parts from it."""
    start, end = run.start, run.end
    if start < hit.start and _parts(found[hit.start - 1], False, True, False, keys):
        start = hit.start
    if hit.end < end and _parts(found[hit.end], False, True, False, keys):
        end = hit.end
    return start, end


def _without_forms(found: list[Item], start: int, end: int) -> tuple[int, int]:
    while start < end - 1 and found[start].sort == Sort.FORM:
        start += 1
    while end - 1 > start and found[end - 1].sort == Sort.FORM:
        end -= 1
    return start, end


def _leads_on(found: list[Item], at: int) -> bool:
    """Whether a preposition follows ("dana saya di …"): then the words are no name."""
    return at < len(found) and found[at].text in ("di", "ke", "dari", "dr", "pada", "in", "at")


def decide(found: list[Item], run: Run, hit: Hit, keys: Keys, entries: Entries) -> Outcome:
    """The outcome for one hit; hits beside it in the run count as words left over."""
    held = keys.find(hit.key)
    illegal, others = _sides(held, entries)
    leftover = Leftover(found, run, hit, keys)
    if leftover.foreign:
        place = found[run.start].start, found[run.end - 1].end
        return _with_foreign(place, leftover, illegal, others, is_generic(found, hit))
    place = found[hit.start].start, found[hit.end - 1].end
    said = found[run.start : run.end]
    if True in [item.unsafe for item in said]:
        status: Status = "illegal" if illegal and not others else "similar"
        return Outcome(status, *place, illegal or others, ("look-alike letters",))
    if illegal:
        return Outcome("ambiguous" if others else "illegal", *place, others + illegal)
    words = found[hit.start : hit.end]
    if _is_cut(held) and len(family := keys.holding([item.text for item in words])) > 1:
        return Outcome("ambiguous", *place, tuple(family))
    forms = [item.text for item in said if item.sort == Sort.FORM] + _glued_form(words, hit.key)
    outcome = _licence_holder(place, held, leftover.words, forms, entries)
    if outcome.status == "licensed":
        entry = entries[outcome.entities[0]]
        if _is_plain_word(found, run, hit) or _borrows(words, entry):
            return outcome._replace(status="confirm", differs=(entry.name,))
    return outcome


def _glued_form(words: list[Item], key: str) -> list[str]:
    """The legal form written together with the first word ("CVContoh")."""
    written = "".join([item.text for item in words])
    return [written[:2]] if written[2:] == key and written.startswith(GLUED_FORMS) else []


def _sides(
    held: Sequence[tuple[int, int]], entries: Entries
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The illegal ones among the owners of a key, and the others; initials of a licence holder do
    not stand up against the name of an illegal one."""
    illegal = tuple([at for at, _ in held if entries.is_illegal(at)])
    if not illegal:
        return (), tuple([at for at, _ in held])
    return illegal, tuple(
        [
            at
            for at, strength in held
            if strength != Strength.INITIALS and not entries.is_illegal(at)
        ]
    )


def _is_plain_word(found: list[Item], run: Run, hit: Hit) -> bool:
    """Whether the name is one everyday word in a longer message ("Makmur")."""
    alone = (run.start, run.end) == (0, len(found))
    return not alone and hit.end - hit.start == 1 and is_generic(found, hit)


def _borrows(words: list[Item], entry: Entry) -> bool:
    """Whether a function word of the sentence completes the name ("Nusantar a registered …")."""
    first, last = words[0], words[-1]
    if first.sort != Sort.FUNCTION and last.sort != Sort.FUNCTION:
        return False
    edges = {item.text for item in (first, last) if item.sort == Sort.FUNCTION}
    names = (entry.name, *(name for _, name in entry.names))
    return not edges <= {word for name in names for word in naming.name_words(name)}


def _is_cut(held: Sequence[tuple[int, int]]) -> bool:
    return held[0][1] == Strength.CUT and all(strength == Strength.CUT for _, strength in held)


def _with_foreign(
    place: tuple[int, int],
    leftover: Leftover,
    illegal: tuple[int, ...],
    others: tuple[int, ...],
    generic: bool,
) -> Outcome:
    differs = tuple(leftover.words)
    lures = all(word in lexicon.LURES for word in leftover.words)
    if illegal and not others and not generic and lures:
        return Outcome("illegal", *place, illegal, differs)
    return Outcome("similar", *place, others + illegal, differs)


def _licence_holder(
    place: tuple[int, int],
    held: tuple[tuple[int, int], ...],
    extra: list[str],
    forms: list[str],
    entries: Entries,
) -> Outcome:
    best = min([strength for _, strength in held])
    meant = tuple([at for at, strength in held if strength == best])
    if len(meant) > 1:
        return Outcome("ambiguous", *place, meant)
    entry = entries[meant[0]]
    clashes = {form_clash(legal_forms.FAMILY[form], entry): form for form in forms}
    if "other" in clashes:
        return Outcome("similar", *place, meant, (clashes["other"],))
    if entry.status == "revoked":
        return Outcome("revoked", *place, meant)
    if best != Strength.FULL or extra or "near" in clashes:
        differs = tuple(extra) or (entry.name,)
        return Outcome("confirm", *place, meant, differs)
    return Outcome("licensed", *place, meant)


def form_clash(said: str, entry: Entry) -> str:
    """Empty when the legal form said fits; "near" for PT against PD; "other" for CV against PT."""
    if not said:
        return ""
    names = (entry.legal_form, entry.name, *(name for _, name in entry.names))
    words = [word for name in names for word in name.lower().replace(".", "").split()]
    own = {legal_forms.FAMILY[word] for word in words if word in legal_forms.FAMILY}
    if not own or said in own:
        return "" if own or said == "company" else "other"
    return "near" if {said, *own} <= {"company", "region"} else "other"
