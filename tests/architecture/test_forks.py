"""Oscar finds its classes by name, and a name that is not found falls back to Oscar's own in silence."""

import pytest
from django.apps import apps
from oscar.core.loading import get_class, get_model  # noqa: TID251 - what Oscar would find is what is tested

from catalog import models as catalog
from cooperatives.partner import models as partner
from cooperatives.partner import strategy
from marketplace.basket import middleware
from marketplace.order import models as order
from marketplace.payment import models as payment


@pytest.mark.parametrize(
    ("module", "ours"),
    [("partner.strategy", strategy.Selector), ("basket.middleware", middleware.BasketMiddleware)],
)
def test_oscar_uses_our_class(module, ours):
    assert get_class(module, ours.__name__) is ours


@pytest.mark.parametrize(
    ("label", "ours"),
    [
        ("catalogue", catalog.Product),
        ("catalogue", catalog.ProductImage),
        ("order", order.Order),
        ("order", order.Line),
        ("order", order.ShippingAddress),
        ("partner", partner.Partner),
        ("partner", partner.StockRecord),
    ],
)
def test_oscar_uses_our_model(label, ours):
    assert get_model(label, ours.__name__) is ours


@pytest.mark.parametrize(
    ("label", "package"),
    [
        ("basket", "marketplace.basket"),
        ("catalogue", "catalog"),
        ("checkout", "marketplace.checkout"),
        ("customer", "marketplace.customer"),
        ("dashboard", "marketplace.dashboard"),
        ("offer", "marketplace.offer"),
        ("order", "marketplace.order"),
        ("partner", "cooperatives.partner"),
        ("payment", "marketplace.payment"),
        ("search", "search"),
        ("shipping", "marketplace.shipping"),
    ],
)
def test_each_fork_stands_in_for_oscars_app(label, package):
    assert apps.get_app_config(label).name == package


def test_our_own_models_stand_beside_oscars():
    assert order.Parcel._meta.app_label == "order"
    assert payment.PaymentFact._meta.app_label == "payment"
