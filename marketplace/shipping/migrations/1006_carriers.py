import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("order", "1001_parcels"),
        ("places", "0001_initial"),
        ("shipping", "1005_ordering_rules"),
    ]

    operations = [
        migrations.CreateModel(
            "CarrierWard",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("carrier", models.CharField(max_length=20, verbose_name="carrier")),
                ("district_id", models.PositiveIntegerField(verbose_name="the carrier's district")),
                ("ward_code", models.CharField(max_length=20, verbose_name="the carrier's ward")),
                ("checked_at", models.DateTimeField(verbose_name="checked at")),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="places.administrativeunit"
                    ),
                ),
            ],
            options={
                "verbose_name": "carrier's ward",
                "verbose_name_plural": "carriers' wards",
                "constraints": [
                    models.UniqueConstraint(fields=("carrier", "commune"), name="carrier_ward_once")
                ],
            },
        ),
        migrations.CreateModel(
            "Shipment",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("carrier", models.CharField(max_length=20, verbose_name="carrier")),
                ("reference", models.CharField(max_length=50, unique=True, verbose_name="reference")),
                ("tracking_number", models.CharField(blank=True, max_length=60, verbose_name="tracking number")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("picked_up", "Picked up"),
                            ("underway", "On the way"),
                            ("delivered", "Delivered"),
                            ("failed", "Delivery failed"),
                            ("returning", "On the way back"),
                            ("returned", "Returned"),
                            ("cancelled", "Cancelled"),
                            ("lost", "Lost or damaged"),
                        ],
                        default="booked",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "fee",
                    models.DecimalField(
                        blank=True,
                        decimal_places=0,
                        max_digits=12,
                        null=True,
                        verbose_name="the carrier's fee (VND)",
                    ),
                ),
                ("booked_at", models.DateTimeField(verbose_name="booked at")),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="last asked at")),
                (
                    "parcel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shipments", to="order.parcel"
                    ),
                ),
            ],
            options={
                "verbose_name": "shipment",
                "verbose_name_plural": "shipments",
                "ordering": ["-booked_at", "-id"],
                "indexes": [models.Index(fields=["status", "checked_at"], name="shipment_open_idx")],
            },
        ),
    ]
