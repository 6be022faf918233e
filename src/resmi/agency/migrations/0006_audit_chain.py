"""The audit trail can only grow, and each entry is sealed into a hash chain."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION agency_audit_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE FUNCTION agency_audit_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO agency_auditunsealed (entry_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER agency_auditentry_is_final BEFORE UPDATE OR DELETE ON agency_auditentry
    FOR EACH ROW EXECUTE FUNCTION agency_audit_is_final();
CREATE TRIGGER agency_auditseal_is_final BEFORE UPDATE OR DELETE ON agency_auditseal
    FOR EACH ROW EXECUTE FUNCTION agency_audit_is_final();
CREATE TRIGGER agency_auditentry_waits AFTER INSERT ON agency_auditentry
    FOR EACH ROW EXECUTE FUNCTION agency_audit_waits();
"""
BACKWARD = """
DROP TRIGGER agency_auditentry_waits ON agency_auditentry;
DROP TRIGGER agency_auditseal_is_final ON agency_auditseal;
DROP TRIGGER agency_auditentry_is_final ON agency_auditentry;
DROP FUNCTION agency_audit_waits();
DROP FUNCTION agency_audit_is_final();
"""
ALL_WAIT = "INSERT INTO agency_auditunsealed (entry_id) SELECT id FROM agency_auditentry"


class Migration(migrations.Migration):
    dependencies = [("agency", "0005_policy")]

    operations = [
        migrations.CreateModel(
            name="AuditUnsealed",
            fields=[("entry_id", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="seal",
                        serialize=False,
                        to="agency.auditentry",
                    ),
                ),
                ("number", models.BigIntegerField(unique=True)),
                ("hash", models.BinaryField()),
            ],
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["action", "-id"], name="audit_of_action"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor", "-id"], name="audit_of_actor"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(ALL_WAIT, migrations.RunSQL.noop),
    ]
