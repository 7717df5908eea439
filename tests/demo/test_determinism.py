"""The same seed and day give the same demo; its published passwords exist nowhere else."""

import hashlib
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from catalog.models import ListingPublication, Product
from cooperatives.linkage.models import LinkageArea, LinkageStatus
from cooperatives.models import Cooperative
from marketplace.demo.loader import load_demo
from marketplace.demo.world import World
from marketplace.ledger.models import Transaction
from marketplace.order.models import Line, Order, ParcelEvent
from marketplace.settlement.models import Statement
from marketplace.users.models import User

pytestmark = pytest.mark.django_db

_FACTS = (
    (Cooperative, ("name", "registration_number", "representative", "phone")),
    (LinkageArea, ("linkage__code", "unit__code", "valid_from", "valid_to", "hectares", "households")),
    (LinkageStatus, ("linkage__code", "status", "decided_on", "recorded_at")),
    (Product, ("title", "price_per_unit", "state", "commune__code", "stockrecords__num_in_stock")),
    (ListingPublication, ("product__title", "unit__code", "public_from", "public_to")),
    (Order, ("number", "placing_token", "buyer_name", "buyer_phone", "total_incl_tax", "date_placed", "status")),
    (Line, ("order__number", "title", "quantity", "origin_unit__code", "num_allocated")),
    (ParcelEvent, ("parcel__number", "to_status", "occurred_at", "reason")),
    (Transaction, ("key", "occurred_at", "parcel__number", "statement_line__item__statement__period_to")),
    (Statement, ("cooperative__slug", "period_from", "period_to", "net", "brought_forward", "made_at")),
)


def digest(seed, today):
    """Load a very small demo, take it back, and return a digest of what it held."""
    with transaction.atomic():
        load_demo(world=World(seed=seed, today=today, orders=40))
        found = hashlib.sha256()
        for model, fields in _FACTS:
            for row in sorted(map(repr, model.objects.values_list(*fields))):
                found.update(row.encode())
        transaction.set_rollback(True)
    return found.hexdigest()


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data(national_units):
    today = date(2026, 5, 20)
    first = digest(1, today)
    assert digest(1, today) == first
    assert digest(2, today) != first


def test_another_day_ends_the_past_earlier(national_units):
    with transaction.atomic():
        world = World(seed=1, today=date(2024, 2, 1), orders=40)
        load_demo(world=world)
        assert Order.objects.latest("date_placed").date_placed < world.now
        assert not ParcelEvent.objects.filter(occurred_at__gte=world.now).exists()
        assert not LinkageStatus.objects.filter(decided_on__gt=world.today).exists()
        transaction.set_rollback(True)


def test_accounts_with_published_passwords_are_refused_outside_a_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO"):
        call_command("demo_data", without_pictures=True)
    assert not User.objects.exists()
    assert not Cooperative.objects.exists()
