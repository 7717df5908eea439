"""Offers and vouchers: a percentage off everything, borne by the marketplace, unless it is said otherwise."""

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from oscar.apps.voucher.models import Voucher

from catalog.models import Product
from marketplace.offer.models import Benefit, Condition, ConditionalOffer, Range
from tests.factories.orders import PLACED_AT

_turn = count(1)


def offer(
    *listings: Product, kind: str = Benefit.PERCENTAGE, value: Any = 10, least: Any = 1, **changes: Any
) -> ConditionalOffer:
    """On the listings, or on everything; for goods of `least` đồng."""
    turn = next(_turn)
    goods = Range.objects.create(name=f"Hàng {turn}", includes_all_products=not listings)
    for listing in listings:
        goods.add_product(listing)
    return ConditionalOffer.objects.create(
        **{
            "name": f"Ưu đãi {turn}",
            "offer_type": ConditionalOffer.SITE,
            "condition": Condition.objects.create(range=goods, type=Condition.VALUE, value=Decimal(least)),
            "benefit": Benefit.objects.create(range=goods, type=kind, value=Decimal(value)),
            "max_basket_applications": 1,
            **changes,
        }
    )


def voucher(*listings: Product, code: str = "TET2027", usage: str = Voucher.MULTI_USE, **changes: Any) -> Voucher:
    """Valid around PLACED_AT; `changes` are those of its offer."""
    made = Voucher.objects.create(
        name=code,
        code=code,
        usage=usage,
        start_datetime=PLACED_AT - timedelta(days=10),
        end_datetime=PLACED_AT + timedelta(days=365),
    )
    made.offers.add(offer(*listings, **{"offer_type": ConditionalOffer.VOUCHER, **changes}))
    return made
