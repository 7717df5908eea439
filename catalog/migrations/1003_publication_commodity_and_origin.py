import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """No listing was published before these columns, so their defaults are never written."""

    dependencies = [
        ("catalogue", "1002_listing_fields"),
        ("commodities", "0001_initial"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="listingpublication",
            name="commodity",
            field=models.ForeignKey(
                default=0, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="commodities.commodity"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="listingpublication",
            name="unit",
            field=models.ForeignKey(
                default=0,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="places.administrativeunit",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="listingorigin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)), fields=("product",), name="listing_one_open_origin"
            ),
        ),
    ]
