import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Delivery options become ways of delivery: by zone, by carrier, or to be fetched."""

    dependencies = [
        ("cooperatives", "0001_initial"),
        ("places", "0001_initial"),
        ("shipping", "1001_delivery_options"),
    ]

    operations = [
        migrations.RenameModel("DeliveryOption", "DeliveryMethod"),
        migrations.AlterModelOptions(
            "deliverymethod",
            {"ordering": ["id"], "verbose_name": "way of delivery", "verbose_name_plural": "ways of delivery"},
        ),
        migrations.AlterField(
            "deliverymethod",
            "cooperative",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="delivery_methods",
                to="cooperatives.cooperative",
            ),
        ),
        migrations.AddField(
            "deliverymethod",
            "kind",
            models.CharField(
                choices=[
                    ("delivery", "Delivery by the cooperative"),
                    ("carrier", "Carrier"),
                    ("pickup", "Pick-up point"),
                ],
                default="delivery",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            "deliverymethod",
            "address",
            models.CharField(blank=True, default="", max_length=160, verbose_name="address of the pick-up point"),
            preserve_default=False,
        ),
        migrations.AddField(
            "deliverymethod",
            "commune",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="places.administrativeunit",
                verbose_name="commune of the pick-up point",
            ),
        ),
        migrations.AddField(
            "deliverymethod",
            "open_weekdays",
            models.PositiveSmallIntegerField(default=127, verbose_name="open on"),
        ),
        migrations.AddField(
            "deliverymethod", "opens_at", models.TimeField(blank=True, null=True, verbose_name="opens at")
        ),
        migrations.AddField(
            "deliverymethod", "closes_at", models.TimeField(blank=True, null=True, verbose_name="closes at")
        ),
        migrations.AddField(
            "deliverymethod",
            "ready_days",
            models.PositiveSmallIntegerField(default=1, verbose_name="ready after (days)"),
        ),
        migrations.AddField(
            "deliverymethod",
            "note",
            models.CharField(blank=True, default="", max_length=160, verbose_name="note for the buyer"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "deliverymethod",
            models.CheckConstraint(
                condition=~Q(kind="pickup") | (~Q(address="") & Q(commune__isnull=False)),
                name="delivery_pickup_has_address",
            ),
        ),
        migrations.AddConstraint(
            "deliverymethod",
            models.CheckConstraint(
                condition=Q(open_weekdays__gte=1, open_weekdays__lte=127), name="delivery_open_on_some_day"
            ),
        ),
        migrations.AddConstraint(
            "deliverymethod",
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True, closes_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
                name="delivery_opens_before_it_closes",
            ),
        ),
        migrations.CreateModel(
            "DeliveryZone",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_nationwide", models.BooleanField(default=False, verbose_name="the whole country")),
                ("tiers", models.JSONField(default=list, verbose_name="charge by weight")),
                (
                    "further_kg_charge",
                    models.DecimalField(
                        blank=True,
                        decimal_places=0,
                        max_digits=12,
                        null=True,
                        verbose_name="for each further kilogram (VND)",
                    ),
                ),
                (
                    "free_from",
                    models.DecimalField(
                        blank=True,
                        decimal_places=0,
                        max_digits=12,
                        null=True,
                        verbose_name="free for goods of at least (VND)",
                    ),
                ),
                ("days_min", models.PositiveSmallIntegerField(default=2, verbose_name="days at least")),
                ("days_max", models.PositiveSmallIntegerField(default=5, verbose_name="days at most")),
                ("reach", models.JSONField(default=dict, editable=False)),
                (
                    "method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="zones",
                        to="shipping.deliverymethod",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery zone",
                "verbose_name_plural": "delivery zones",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(further_kg_charge__isnull=True) | Q(further_kg_charge__gte=0),
                        name="zone_further_charge_not_negative",
                    ),
                    models.CheckConstraint(condition=Q(days_max__gte=F("days_min")), name="zone_days_in_order"),
                    models.UniqueConstraint(
                        condition=Q(is_nationwide=True), fields=("method",), name="zone_one_nationwide"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "ZoneArea",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.administrativeunit"
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="areas", to="shipping.deliveryzone"
                    ),
                ),
            ],
            options={
                "verbose_name": "area of a delivery zone",
                "verbose_name_plural": "areas of delivery zones",
                "constraints": [models.UniqueConstraint(fields=("zone", "unit"), name="zone_area_once")],
            },
        ),
    ]
