"""A code for trying the shop: a tenth off, borne by the marketplace, for everybody and for a year."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from oscar.apps.voucher.models import Voucher

from marketplace.demo.world import World
from marketplace.offer.models import Benefit, Condition, ConditionalOffer, Range

CODE = "CHOLIENKET"
NAME = "Giảm 10 % cho đơn từ 200.000 ₫"
LEAST, PERCENT = 200_000, 10


def load_voucher(world: World) -> None:
    goods = Range.objects.create(name="Mọi mặt hàng", includes_all_products=True)
    offer = ConditionalOffer.objects.create(
        name=NAME,
        offer_type=ConditionalOffer.VOUCHER,
        condition=Condition.objects.create(range=goods, type=Condition.VALUE, value=LEAST),
        benefit=Benefit.objects.create(range=goods, type=Benefit.PERCENTAGE, value=PERCENT),
        max_basket_applications=1,
    )
    begins = timezone.make_aware(datetime.combine(world.today - timedelta(days=7), time.min))
    voucher = Voucher.objects.create(
        name=NAME,
        code=CODE,
        usage=Voucher.MULTI_USE,
        start_datetime=begins,
        end_datetime=begins + timedelta(days=365),
    )
    voucher.offers.add(offer)
