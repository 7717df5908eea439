from django.db import migrations, models


class Migration(migrations.Migration):
    """What the zones say now leaves the ways of delivery."""

    dependencies = [("shipping", "1003_nationwide_zones")]

    operations = [
        migrations.RemoveConstraint("deliverymethod", "delivery_charge_not_negative"),
        migrations.RemoveConstraint("deliverymethod", "delivery_days_in_order"),
        # Going back, a row has a charge before the data of its zone is read.
        migrations.AlterField(
            "deliverymethod", "charge", models.DecimalField(decimal_places=0, default=0, max_digits=12)
        ),
        migrations.RemoveField("deliverymethod", "charge"),
        migrations.RemoveField("deliverymethod", "free_from"),
        migrations.RemoveField("deliverymethod", "days_min"),
        migrations.RemoveField("deliverymethod", "days_max"),
    ]
