"""Catalogues of translations without the gettext programs: what is asked for, what is there.

Sources are Python (`gettext` and its family) and Django templates (`{% translate %}`,
`{% blocktranslate %}`, `_("…")`). Catalogues are `locale/<language>/LC_MESSAGES/django.po`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("id", "ko")

_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_QUOTED = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({_QUOTED}(?:\s*,\s*{_QUOTED})*)", re.DOTALL)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_HEADER = "# Kept by `resmi translations sync`: only the msgstr lines are written by hand."
_VOLATILE = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By'
    r"|Report-Msgid-Bugs-To|Project-Id-Version):.*\n",
    re.MULTILINE,
)


@dataclass(frozen=True, order=True)
class Wanted:
    """A text the product shows: its English source and where it stands."""

    text: str
    plural: str
    context: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong with a catalogue. `kind`: missing, untranslated, fuzzy, obsolete, …"""

    language: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.language}: {self.kind}: {self.text!r}"


def wanted(root: Path = ROOT) -> list[Wanted]:
    """Every text the sources ask to be translated, sorted."""
    found: set[Wanted] = set()
    for path in sorted(root.rglob("*.py")):
        found.update(_in_python(path, root))
    for path in sorted(root.rglob("templates/**/*.*")):
        found.update(_in_template(path, root))
    return sorted(found)


def path_of(language: str, root: Path = ROOT) -> Path:
    """Where a language's catalogue lies."""
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str, root: Path = ROOT) -> Catalog:
    """A language's catalogue; an empty one when the file is not there yet."""
    path = path_of(language, root)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def sync(language: str, texts: list[Wanted], root: Path = ROOT) -> Catalog:
    """Rewrites a catalogue: new texts come in empty, texts no longer used go."""
    old, new = read(language, root), Catalog(locale=language, header_comment=_HEADER, fuzzy=False)
    for each in texts:
        key = (each.text, each.plural) if each.plural else each.text
        known = old.get(key, each.context or None)
        new.add(
            key,
            known.string if known else None,
            locations=[(each.place, 0)],
            flags=known.flags if known else (),
            context=each.context or None,
        )
    path = path_of(language, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, width=100, sort_output=True, include_lineno=False)
    path.write_text(_VOLATILE.sub("", path.read_text()))
    return new


def compile_catalog(language: str, root: Path = ROOT) -> Path:
    """Writes the binary catalogue Django reads, beside its source."""
    target = path_of(language, root).with_suffix(".mo")
    with target.open("wb") as file:
        write_mo(file, read(language, root))
    return target


def problems(language: str, texts: list[Wanted], root: Path = ROOT) -> Iterator[Problem]:
    """What keeps a catalogue from being complete and right."""
    catalog = read(language, root)
    asked = {(each.text, each.context) for each in texts}
    for text, context in sorted(asked):
        if catalog.get(text, context or None) is None:
            yield Problem(language=language, kind="missing", text=text)
    for message in catalog:
        if message.id:
            yield from _problems_of(message, language, asked)


def _problems_of(message: Message, language: str, asked: set[tuple[str, str]]) -> Iterator[Problem]:
    sources, targets = _forms(message.id), _forms(message.string)
    problem = partial(Problem, language=language, text=sources[0])
    if (sources[0], message.context or "") not in asked:
        yield problem(kind="obsolete")
        return
    if message.fuzzy:
        yield problem(kind="fuzzy")
    if not all(targets):
        yield problem(kind="untranslated")
        return
    allowed = [sorted(_PLACEHOLDER.findall(source)) for source in sources]
    if any(sorted(_PLACEHOLDER.findall(target)) not in allowed for target in targets):
        yield problem(kind="other placeholders")


def _forms(text: Any) -> tuple[str, ...]:
    """A message's texts, one for each plural form."""
    return tuple(text) if isinstance(text, tuple | list) else (text or "",)


def _in_python(path: Path, root: Path) -> Iterator[Wanted]:
    place = path.relative_to(root).as_posix()
    with path.open("rb") as file:
        for _line, message, _comments, context in extract("python", file, _KEYWORDS):
            parts = [part for part in message if part] if isinstance(message, tuple) else [message]
            if len(parts) > 1 and parts[0] == context:
                parts = parts[1:]
            yield Wanted(parts[0], parts[1] if len(parts) > 1 else "", context or "", place)


def _in_template(path: Path, root: Path) -> Iterator[Wanted]:
    place = path.relative_to(root).as_posix()
    for name, arguments in _CALL.findall(templatize(path.read_text(), origin=str(path))):
        parts = list(ast.literal_eval(f"({arguments},)"))
        context = parts.pop(0) if "p" in name else ""
        yield Wanted(parts[0], parts[1] if "n" in name else "", context, place)
