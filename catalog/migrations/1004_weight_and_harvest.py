from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalogue", "1003_publication_commodity_and_origin")]

    operations = [
        migrations.AddField(
            "product",
            "unit_weight_kg",
            models.DecimalField(
                blank=True, decimal_places=3, max_digits=8, null=True, verbose_name="weight of one unit (kg)"
            ),
        ),
        migrations.AddField(
            "product", "harvest_on", models.DateField(blank=True, null=True, verbose_name="to be had from")
        ),
        migrations.AddConstraint(
            "product",
            models.CheckConstraint(
                condition=Q(unit_weight_kg__isnull=True) | Q(unit_weight_kg__gt=0),
                name="listing_unit_weight_positive",
            ),
        ),
    ]
