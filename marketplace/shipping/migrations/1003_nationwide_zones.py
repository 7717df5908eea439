from django.db import migrations


def give_zones(apps, schema_editor):
    """Every delivery option went to the whole country at one charge for any weight."""
    Method = apps.get_model("shipping", "DeliveryMethod")
    Zone = apps.get_model("shipping", "DeliveryZone")
    Zone.objects.bulk_create(
        Zone(
            method=method,
            is_nationwide=True,
            tiers=[[None, int(method.charge)]],
            free_from=method.free_from,
            days_min=method.days_min,
            days_max=method.days_max,
        )
        for method in Method.objects.all()
    )


def take_zones(apps, schema_editor):
    """What a nationwide zone charges for any weight goes back to the option; other zones are lost."""
    for zone in apps.get_model("shipping", "DeliveryZone").objects.filter(is_nationwide=True).select_related("method"):
        method = zone.method
        method.charge, method.free_from = zone.tiers[-1][1], zone.free_from
        method.days_min, method.days_max = zone.days_min, zone.days_max
        method.save()


class Migration(migrations.Migration):
    dependencies = [("shipping", "1002_delivery_methods")]

    operations = [migrations.RunPython(give_zones, take_zones)]
