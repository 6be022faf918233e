"""The catalogue tool, on a small product of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.mofile import read_mo

from resmi.cli import catalogs


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A room with a Python file and a template."""
    (tmp_path / "room/templates/room").mkdir(parents=True)
    (tmp_path / "room/words.py").write_text(
        "from django.utils.translation import gettext_lazy as _, ngettext, pgettext\n"
        'A = _("Save")\n'
        'B = ngettext("%(n)s day", "%(n)s days", 2)\n'
        'C = pgettext("verb", "Open")\n'
    )
    (tmp_path / "room/templates/room/page.html").write_text(
        '{% load i18n %}<h1>{% translate "Hello" %}</h1>'
        "{% blocktranslate count n=n trimmed %}\n  one row\n{% plural %}{{ n }} rows"
        "{% endblocktranslate %}"
        '<p title="{{ _("A hint") }}">{% translate "Open" context "adjective" %}</p>'
    )
    return tmp_path


def _fill(product: Path, **texts: str) -> None:
    path = catalogs.path_of("id", product)
    catalog = path.read_text()
    for source, target in texts.items():
        catalog = catalog.replace(
            f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{target}"'
        )
    path.write_text(catalog)


def _kinds(product: Path) -> dict[str, str]:
    found = catalogs.problems("id", catalogs.wanted(product), product)
    return {problem.text: problem.kind for problem in found}


def test_texts_in_python_and_in_templates_are_found(product: Path) -> None:
    texts = {(each.text, each.plural, each.context) for each in catalogs.wanted(product)}
    assert texts == {
        ("Save", "", ""),
        ("%(n)s day", "%(n)s days", ""),
        ("Open", "", "verb"),
        ("Hello", "", ""),
        ("one row", "%(n)s rows", ""),
        ("A hint", "", ""),
        ("Open", "", "adjective"),
    }


def test_a_text_without_an_entry_is_missing(product: Path) -> None:
    assert _kinds(product)["Save"] == "missing"


def test_a_new_entry_is_untranslated(product: Path) -> None:
    catalogs.sync("id", catalogs.wanted(product), product)
    assert _kinds(product)["Save"] == "untranslated"


def test_syncing_keeps_translations(product: Path) -> None:
    catalogs.sync("id", catalogs.wanted(product), product)
    _fill(product, Save="Simpan")
    catalogs.sync("id", catalogs.wanted(product), product)
    assert "Save" not in _kinds(product)


def test_syncing_twice_changes_nothing(product: Path) -> None:
    catalogs.sync("id", catalogs.wanted(product), product)
    before = catalogs.path_of("id", product).read_text()
    catalogs.sync("id", catalogs.wanted(product), product)
    assert catalogs.path_of("id", product).read_text() == before


def test_a_text_that_is_no_longer_used_is_obsolete_and_goes(product: Path) -> None:
    catalogs.sync("id", catalogs.wanted(product), product)
    (product / "room/words.py").unlink()
    assert _kinds(product)["Save"] == "obsolete"
    catalogs.sync("id", catalogs.wanted(product), product)
    assert "Save" not in _kinds(product)


def test_other_placeholders_than_the_source_has_are_refused(product: Path) -> None:
    (product / "room/words.py").write_text('A = _("Hi %(name)s")\n')
    catalogs.sync("id", catalogs.wanted(product), product)
    _fill(product, **{"Hi %(name)s": "Hai %(nama)s"})
    assert _kinds(product)["Hi %(name)s"] == "other placeholders"


def test_a_fuzzy_entry_is_refused(product: Path) -> None:
    catalogs.sync("id", catalogs.wanted(product), product)
    _fill(product, Save="Simpan")
    path = catalogs.path_of("id", product)
    path.write_text(path.read_text().replace('msgid "Save"', '#, fuzzy\nmsgid "Save"'))
    assert _kinds(product)["Save"] == "fuzzy"


def test_compiling_writes_what_django_reads(product: Path) -> None:
    catalogs.sync("id", catalogs.wanted(product), product)
    _fill(product, Save="Simpan")
    with catalogs.compile_catalog("id", product).open("rb") as file:
        assert read_mo(file).get("Save").string == "Simpan"  # type: ignore[union-attr]
