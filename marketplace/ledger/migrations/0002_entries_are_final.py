"""The database itself refuses to change what was posted. SQLite's tests empty their tables by DELETE: there only updates
are refused, and the models refuse to delete.
"""

from django.db import migrations

TABLES = ("ledger_transaction", "ledger_entry")


def refuse_changes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE OR REPLACE FUNCTION ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the ledger is never changed'; END $$"
        )
        for table in TABLES:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION ledger_is_final()"
            )
    elif schema_editor.connection.vendor == "sqlite":
        for table in TABLES:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_is_final BEFORE UPDATE ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END"
            )


def allow_changes(apps, schema_editor):
    on = {"postgresql": " ON {0}", "sqlite": ""}.get(schema_editor.connection.vendor)
    if on is None:
        return
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_is_final{on.format(table)}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS ledger_is_final()")


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0001_ledger"),
    ]

    operations = [migrations.RunPython(refuse_changes, allow_changes)]
