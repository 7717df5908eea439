"""The rates of decree 117/2025/NĐ-CP, in force since 01/07/2025."""

from datetime import date

from django.db import migrations

SOURCE = "Nghị định 117/2025/NĐ-CP"
RATES = {
    ("resident", "goods"): ("1", "0.5"),
    ("resident", "services"): ("5", "2"),
    ("resident", "transport"): ("3", "1.5"),
    ("non_resident", "goods"): ("1", "1"),
    ("non_resident", "services"): ("5", "5"),
    ("non_resident", "transport"): ("3", "2"),
}


def load(apps, schema_editor):
    rates = apps.get_model("settlement", "WithholdingRate")
    for (seller_kind, nature), (vat, income) in RATES.items():
        rates.objects.get_or_create(
            seller_kind=seller_kind,
            nature=nature,
            valid_from=date(2025, 7, 1),
            defaults={"vat_rate": vat, "income_rate": income, "legal_source": SOURCE},
        )


class Migration(migrations.Migration):

    dependencies = [
        ("settlement", "0002_statements_and_payouts"),
    ]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
