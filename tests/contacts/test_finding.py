from __future__ import annotations

from collections.abc import Collection

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resmi.contacts import findable, finding, noting, queries
from resmi.contacts.models import Contact, Identity, NameDue, NameLine

pytestmark = pytest.mark.django_db
MANY = 8_000
_FILL = """
    INSERT INTO contacts_contact (name, language, created_at, tags)
    SELECT CASE WHEN mod(n, 4) = 0 THEN 'Siti ' WHEN mod(n, 1000) = 1 THEN 'Gurita '
            ELSE 'Warga ' END || 'nama' || n, 'id', now(),
        CASE WHEN mod(n, 500) = 2 THEN '{vip}'::text[] ELSE '{}' END
    FROM generate_series(1, %s) AS n
"""
_REACH = """
    INSERT INTO contacts_identity (contact_id, kind, scope, phone, user_id, parent_user_id,
        username, profile_name, created_at, updated_at)
    SELECT id, 'whatsapp', '', '62811' || lpad(id::text, 9, '0'), 'ID.' || id, '', '', '', now(),
        now()
    FROM contacts_contact
"""


def person(name: str, phone: str | None = None, **more: object) -> Contact:
    made = Contact.objects.create(name=name, **more)
    Identity.objects.create(contact=made, kind="whatsapp", phone=phone, user_id=f"U.{made.pk}")
    return made


def found(text: str, but: int = 0) -> list[str]:
    return [one.name for one in finding.find(text, but=but).people]


def test_a_citizen_is_found_the_moment_they_are_there_by_all_they_are_known_by() -> None:
    budi = person("Budi Santosó", "628119000123", tags=["in care"])
    for text in ("sant", "BUDI", "santoso budi", "0123", "•••• 0123", "+62 811 9000 123"):
        assert found(text) == ["Budi Santosó"], text
    for text in ("08119000123", f"u.{budi.pk}".upper(), f"#{budi.pk}", "In Care", "#in care"):
        assert found(text) == ["Budi Santosó"], text
    for text in ("antoso", "u.", "900", "19000", "care", "budi ayu", ""):
        assert found(text) == [], text
    assert found("budi", but=budi.pk) == []


def test_who_changes_is_found_as_they_are_now() -> None:
    budi = person("Budi", "628119000123")
    assert found("budi") == ["Budi"]
    Contact.objects.filter(pk=budi.pk).update(name="Bambang")
    assert (found("budi"), found("bambang")) == ([], ["Bambang"])
    noting.add_tag(actor=None, contact_id=budi.pk, text="vip")
    assert found("vip") == ["Bambang"]
    Identity.objects.filter(contact=budi).update(phone="628119000999")
    assert (found("0123"), found("0999")) == ([], ["Bambang"])
    ayu = person("Ayu")
    Identity.objects.filter(contact=budi).update(contact=ayu)
    assert found("0999") == ["Ayu"]
    Contact.objects.filter(pk=budi.pk).update(merged_into=ayu)
    assert found("bambang") == found(f"#{budi.pk}") == []
    Contact.objects.filter(pk=budi.pk).update(merged_into=None)
    assert found("bambang") == ["Bambang"]


def test_nothing_is_kept_of_who_was_erased_or_deleted() -> None:
    budi, ayu = person("Budi", "628119000123"), person("Ayu")
    findable.fill()
    assert NameLine.objects.count() == 2
    findable.forget([budi.pk])
    Identity.objects.filter(contact=ayu).delete()
    ayu.delete()
    assert NameLine.objects.count() == 0


def test_a_number_too_short_to_be_shown_is_found_whole_only() -> None:
    person("Sekretariat", "80001234")
    assert found("1234") == []
    assert found("80001234") == ["Sekretariat"]


@pytest.mark.parametrize("text", ["'", "\\", "a'b & c:* | !d", "#", "<->", "0", "(", "''\\'", "%_"])
def test_signs_of_the_language_of_search_are_only_signs(text: str) -> None:
    person("Budi", tags=[noting.tag_of(text)] if noting.tag_of(text) else [])
    assert len(finding.find(text, but=0).people) == bool(noting.tag_of(text))


def test_pages_hold_everybody_once_the_newest_first_and_who_is_named_exactly_before() -> None:
    made = [person(f"Siti {n}", f"62811{n:05}0123").pk for n in range(25)]
    seen: list[int] = []
    before = 0
    while True:
        page = finding.find(f"62811{7:05}0123", but=made[3], before=before, limit=10)
        seen += [one.pk for one in page.people]
        before = page.more
        if not before:
            break
    assert seen == [made[7], *(one for one in reversed(made) if one not in (made[7], made[3]))]


def test_only_those_who_may_be_seen_are_found_and_pages_go_on_behind_the_others() -> None:
    made = [person("Siti").pk for _ in range(30)]

    def every_tenth(ids: Collection[int]) -> list[int]:
        return [one for one in ids if one in made[::10]]

    page = finding.find("siti", but=0, limit=2, seen=every_tenth)
    assert [one.pk for one in page.people] == [made[20], made[10]]
    rest = finding.find("siti", but=0, limit=2, before=page.more, seen=every_tenth)
    assert [one.pk for one in rest.people] == [made[0]]
    assert not rest.more


def test_who_is_not_in_search_yet_is_told_of() -> None:
    Contact.objects.bulk_create(Contact(name="Siti") for _ in range(finding.CAUGHT_UP + 1))
    assert not finding.find("siti", but=0).is_complete
    assert finding.find("siti", but=0).is_complete
    assert not NameDue.objects.exists()


def test_the_commonest_tags_are_offered_first() -> None:
    for tags in (["b"], ["a", "b"], ["c"], ["b", "a"]):
        person("Siti", tags=tags)
    assert queries.tags() == ["b", "a", "c"]


@pytest.fixture
def _many() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [MANY])
        cursor.execute(_REACH)
        # Else the plan may be one for tables that were empty a moment ago.
        cursor.execute("ANALYZE contacts_contact, contacts_identity, contacts_namedue")
    findable.fill(most=10 * findable.PORTION)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact, contacts_identity, contacts_nameline")


@pytest.mark.usefixtures("_many")
def test_searching_thousands_reads_only_what_it_shows() -> None:
    number = Identity.objects.earliest("pk").phone or ""
    for text, names in {
        "gurita": 8, "siti": 10, "namax": 0, "vip": 10, number[-4:]: 1, number: 1, "siti nama4": 10,
    }.items():  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            assert len(finding.find(text, but=0).people) >= names
        assert len(asked) <= 12, text
        for one in asked:
            if "contacts_" in one["sql"] and one["sql"].startswith(("SELECT", "\n    WITH")):
                plan = plan_of(one["sql"])
                for table in ("contact", "identity", "nameline"):
                    assert f"Seq Scan on contacts_{table}" not in plan, (text, plan)
    with CaptureQueriesContext(connection) as asked:
        queries.tags()
    assert "contact_tagged" in plan_of(asked[0]["sql"])


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())
