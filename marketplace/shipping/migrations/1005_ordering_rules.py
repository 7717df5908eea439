import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("cooperatives", "0001_initial"),
        ("shipping", "1004_charges_by_zone"),
    ]

    operations = [
        migrations.CreateModel(
            "OrderingRules",
            [
                (
                    "cooperative",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="ordering_rules",
                        serialize=False,
                        to="cooperatives.cooperative",
                    ),
                ),
                (
                    "minimum_order",
                    models.DecimalField(
                        decimal_places=0, default=0, max_digits=12, verbose_name="least value of goods (VND)"
                    ),
                ),
                ("lead_days", models.PositiveSmallIntegerField(default=0, verbose_name="days to prepare")),
                ("order_weekdays", models.PositiveSmallIntegerField(default=127, verbose_name="takes orders on")),
                ("order_until", models.TimeField(blank=True, null=True, verbose_name="until")),
                ("send_weekdays", models.PositiveSmallIntegerField(default=127, verbose_name="hands parcels over on")),
            ],
            options={
                "verbose_name": "ordering rules",
                "verbose_name_plural": "ordering rules",
                "constraints": [
                    models.CheckConstraint(condition=Q(minimum_order__gte=0), name="ordering_minimum_not_negative"),
                    models.CheckConstraint(
                        condition=Q(order_weekdays__gte=1, order_weekdays__lte=127)
                        & Q(send_weekdays__gte=1, send_weekdays__lte=127),
                        name="ordering_on_some_day",
                    ),
                ],
            },
        ),
    ]
