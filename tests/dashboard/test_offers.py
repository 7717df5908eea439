"""The operators' pages of offers and vouchers, with who bears the discount."""

import pytest
from django.urls import reverse
from oscar.core.loading import get_class, get_model  # noqa: TID251 - what Oscar would find is what is tested

from marketplace.dashboard.offers import forms
from marketplace.offer import models
from marketplace.offer.models import Benefit, ConditionalOffer, Range
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.offers import offer, voucher
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True, email="van-hanh@example.org"))
    return client


@pytest.mark.parametrize("name", ["RestrictionsForm", "BenefitForm"])
def test_oscar_uses_our_forms(name):
    assert get_class("dashboard.offers.forms", name) is getattr(forms, name)


@pytest.mark.parametrize("name", ["ConditionalOffer", "Benefit", "Condition", "Range"])
def test_oscar_uses_our_models(name):
    assert get_model("offer", name) is getattr(models, name)


def test_an_operator_makes_an_offer_that_a_cooperative_bears_step_by_step(operator):
    cooperative = CooperativeFactory()
    goods = Range.objects.create(name="Tất cả", includes_all_products=True)
    steps = [
        ("metadata", {"name": "Giảm 10 %", "offer_type": "Site"}),
        ("benefit", {"range": goods.pk, "type": Benefit.PERCENTAGE, "value": "10"}),
        ("condition", {"range": goods.pk, "type": "Value", "value": "1"}),
        ("restrictions", {"priority": "0", "exclusive": "on", "funded_by": cooperative.pk}),
    ]
    for step, data in steps:
        assert operator.get(reverse(f"dashboard:offer-{step}")).status_code == 200, step
        assert operator.post(reverse(f"dashboard:offer-{step}"), data).status_code == 302, step
    made = ConditionalOffer.objects.get()
    assert (made.funded_by, made.benefit.value) == (cooperative, 10)
    # Another name, saved in the first step, leaves who bears it as it was.
    renamed = {"name": "Giảm mười phần trăm", "offer_type": "Site", "save": ""}
    operator.post(reverse("dashboard:offer-metadata", args=[made.pk]), renamed)
    made.refresh_from_db()
    assert (made.name, made.funded_by) == ("Giảm mười phần trăm", cooperative)


def test_no_discount_on_delivery_can_be_chosen(operator):
    operator.post(reverse("dashboard:offer-metadata"), {"name": "Giao miễn phí", "offer_type": "Site"})
    page = operator.get(reverse("dashboard:offer-benefit")).content.decode()
    assert 'value="Percentage"' in page
    assert 'value="Shipping percentage"' not in page


def test_the_pages_of_an_offer_and_a_voucher_open(operator):
    made, code = offer(), voucher()
    for address in (
        reverse("dashboard:offer-detail", args=[made.pk]),
        reverse("dashboard:offer-metadata", args=[made.pk]),
        reverse("dashboard:offer-restrictions", args=[made.pk]),
        reverse("dashboard:voucher-list"),
        reverse("dashboard:voucher-stats", args=[code.pk]),
        reverse("dashboard:voucher-update", args=[code.pk]),
        reverse("dashboard:voucher-create"),
    ):
        assert operator.get(address).status_code == 200, address
