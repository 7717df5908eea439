"""Parcels that were paid before amounts were kept received what they cost."""

from django.db import migrations
from django.db.models import F


def fill_amounts(apps, schema_editor):
    parcels = apps.get_model("order", "Parcel").objects.filter(payment_status="paid", amount_received=0)
    parcels.update(amount_received=F("total"))


class Migration(migrations.Migration):
    dependencies = [("order", "1003_payments_and_weights")]

    operations = [migrations.RunPython(fill_amounts, migrations.RunPython.noop)]
