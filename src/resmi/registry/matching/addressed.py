"""Decides about identifiers: an address, number or package, known or imitating a known one."""

from __future__ import annotations

from resmi.language import normalising
from resmi.registry.matching import domains, vouching
from resmi.registry.matching.budget import Budget
from resmi.registry.matching.entries import Entries
from resmi.registry.matching.identifiers import Found, Identifiers
from resmi.registry.matching.keys import Keys
from resmi.registry.matching.naming import Strength
from resmi.registry.matching.outcome import Outcome

_LONGEST_LABEL = 63  # RFC 1035
_MIN_PART = 5  # letters of a brand inside a domain


def decide(
    one: Found, identifiers: Identifiers, keys: Keys, entries: Entries, budget: Budget
) -> Outcome:
    """The outcome for one identifier."""
    if held := identifiers.find(one):
        outcome = _known(one, held, entries)
        if outcome.status != "licensed" or one.kind != "domain":
            return outcome
        is_own = identifiers.is_own(one, held[0]) and vouching.is_page_of(
            one.text, entries[held[0]]
        )
        return outcome if is_own else _imitating(outcome, one)
    if one.kind in ("domain", "app"):
        held = _as_name(one.text, keys) or _as_misspelt(one.text, keys, entries, budget)
    if held:
        outcome = _known(one, held, entries)
        is_called = outcome.status != "licensed" or vouching.is_called(one.text, entries[held[0]])
        return outcome if is_called else _imitating(outcome, one)
    if one.kind in ("domain", "email") and (imitated := _imitated(one, keys, entries, budget)):
        return Outcome("similar", one.start, one.end, imitated, (one.text,))
    return Outcome("unknown", one.start, one.end, firm=one.kind != "phone")


def _imitating(outcome: Outcome, one: Found) -> Outcome:
    """The outcome for an address that is not in the register, but makes one think of an entity."""
    return outcome._replace(status="similar", differs=(one.text,))


def _known(one: Found, held: tuple[int, ...], entries: Entries) -> Outcome:
    illegal = tuple(at for at in held if entries.is_illegal(at))
    others = tuple(at for at in held if not entries.is_illegal(at))
    if illegal and others:
        return Outcome("ambiguous", one.start, one.end, others + illegal)
    if illegal:
        return Outcome("illegal", one.start, one.end, illegal)
    if len(others) > 1:
        return Outcome("ambiguous", one.start, one.end, others)
    revoked = entries.status(others[0]) == "revoked"
    return Outcome("revoked" if revoked else "licensed", one.start, one.end, others)


def _as_name(text: str, keys: Keys) -> tuple[int, ...]:
    """Companies that are called by a domain ("Contoh.id")."""
    key = "".join(normalising.fold(text))
    return tuple(at for at, strength in keys.find(key) if strength == Strength.FULL)


def _as_misspelt(text: str, keys: Keys, entries: Entries, budget: Budget) -> tuple[int, ...]:
    """Illegal entities called by nearly this domain."""
    near = keys.near("".join(normalising.fold(text)), budget)
    found = (at for key in near for at, _ in keys.find(key))
    return tuple(at for at in found if entries.is_illegal(at))


def _imitated(one: Found, keys: Keys, entries: Entries, budget: Budget) -> tuple[int, ...]:
    """Licence holders whose name the domain holds, or nearly is."""
    address = domains.parse(one.text.rpartition("@")[2])
    if address.shared:
        return ()
    label = "".join(normalising.fold(address.label))[:_LONGEST_LABEL]
    budget.spend(20 * len(label))
    host = "".join(normalising.fold(address.host))
    parts = {label, host, *normalising.fold(address.label.replace("-", " "))}
    for cut in range(_MIN_PART, len(label)):
        parts.update((label[:cut], label[-cut:]))
    found = [at for part in sorted(parts, key=len, reverse=True) for at in _holders(part, keys)]
    for word in (label, host):
        near = (*keys.near(word, budget), *keys.alike(word))
        found += [at for other in near for at, _ in keys.find(other)]
    licensed = dict.fromkeys(at for at in found if entries.status(at) == "licensed")
    return tuple(licensed)[:10]


def _holders(part: str, keys: Keys) -> list[int]:
    return [at for at, _ in keys.find(part)] if len(part) >= _MIN_PART else []
