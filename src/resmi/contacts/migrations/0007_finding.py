"""What citizens are found by, beside them: no table that is in use is rewritten or read through."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

# New rows are noted by the statement, not by the row: citizens come in many at a time.
FORWARD = """
CREATE FUNCTION contacts_name_due_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_namedue (contact_id) SELECT id FROM made;
    RETURN NULL;
END
$$;
CREATE FUNCTION contacts_name_due_reached() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_namedue (contact_id)
    SELECT DISTINCT contact_id FROM made WHERE phone IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE FUNCTION contacts_name_due_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_namedue (contact_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE FUNCTION contacts_name_due_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO contacts_namedue (contact_id) VALUES (NEW.contact_id);
    END IF;
    IF TG_OP = 'DELETE' OR NEW.contact_id <> OLD.contact_id THEN
        INSERT INTO contacts_namedue (contact_id) VALUES (OLD.contact_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION contacts_name_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contacts_nameline WHERE contact_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER contacts_name_due_new AFTER INSERT ON contacts_contact
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION contacts_name_due_new();
CREATE TRIGGER contacts_name_due_changed
    AFTER UPDATE OF name, tags, merged_into_id, erased_at ON contacts_contact FOR EACH ROW
    WHEN ((OLD.name, OLD.tags, OLD.merged_into_id, OLD.erased_at)
        IS DISTINCT FROM (NEW.name, NEW.tags, NEW.merged_into_id, NEW.erased_at))
    EXECUTE FUNCTION contacts_name_due_changed();
CREATE TRIGGER contacts_name_gone AFTER DELETE ON contacts_contact
    FOR EACH ROW EXECUTE FUNCTION contacts_name_gone();
CREATE TRIGGER contacts_name_due_reached AFTER INSERT ON contacts_identity
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION contacts_name_due_reached();
CREATE TRIGGER contacts_name_due_moved
    AFTER UPDATE OF phone, contact_id ON contacts_identity FOR EACH ROW
    WHEN ((OLD.phone, OLD.contact_id) IS DISTINCT FROM (NEW.phone, NEW.contact_id))
    EXECUTE FUNCTION contacts_name_due_moved();
CREATE TRIGGER contacts_name_due_left AFTER DELETE ON contacts_identity
    FOR EACH ROW EXECUTE FUNCTION contacts_name_due_moved();
"""
BACKWARD = """
DROP TRIGGER contacts_name_due_new ON contacts_contact;
DROP TRIGGER contacts_name_due_changed ON contacts_contact;
DROP TRIGGER contacts_name_gone ON contacts_contact;
DROP TRIGGER contacts_name_due_reached ON contacts_identity;
DROP TRIGGER contacts_name_due_moved ON contacts_identity;
DROP TRIGGER contacts_name_due_left ON contacts_identity;
DROP FUNCTION contacts_name_due_new, contacts_name_due_reached, contacts_name_due_changed,
    contacts_name_due_moved, contacts_name_gone;
"""


class Migration(migrations.Migration):
    """Programs of the previous release need not know: the database notes what they change."""

    dependencies = [("contacts", "0006_consent")]

    operations = [
        migrations.CreateModel(
            name="NameDue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contact_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="NameLine",
            fields=[
                (
                    "contact",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="contacts.contact",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["words"], name="contact_words"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
