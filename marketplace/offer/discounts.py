"""What offers and vouchers take off a basket, to the đồng, by line and by who bears it.

Oscar's applicator, conditions and benefits decide; they are given exact amounts, unrounded. Each offer's discount is
rounded down to whole đồng once and shared out over its lines by largest remainder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from oscar.apps.basket.abstract_models import AbstractLine
from oscar.apps.basket.utils import LineDiscountRegistry
from oscar.apps.offer.applicator import Applicator

from catalog.models import Product
from cooperatives.partner.models import StockRecord
from marketplace.offer.models import ConditionalOffer
from marketplace.users.models import User

CURRENCY = "VND"
# Three thirds of 10.000, cut after six digits each, are 9.999,999999: they are 10.000.
_HALF_STEP = Decimal("0.0005")


def unrounded(amount: Decimal, _currency: str | None = None) -> Decimal:
    """OSCAR_OFFER_ROUNDING_FUNCTION."""
    return amount


class GoodsLine:
    """What Oscar's conditions and benefits ask of a line of a basket. Steps are its quantity."""

    def __init__(self, *, listing: Product, stockrecord: StockRecord, steps: int, step_price: int) -> None:
        self.product = listing
        self.stockrecord = stockrecord
        self.stockrecord_id = stockrecord.pk
        self.quantity = steps
        self.unit_effective_price = Decimal(step_price)
        self.discounts = LineDiscountRegistry(self)

    discount = AbstractLine.discount
    consume = AbstractLine.consume
    quantity_with_offer_discount = AbstractLine.quantity_with_offer_discount
    quantity_without_offer_discount = AbstractLine.quantity_without_offer_discount
    is_available_for_offer_discount = AbstractLine.is_available_for_offer_discount
    quantity_available_for_offer = AbstractLine.quantity_available_for_offer

    @property
    def total(self) -> int:
        return int(self.quantity * self.unit_effective_price)


class Goods:
    """What Oscar's offers ask of a basket. `owner` is None for a guest."""

    currency = CURRENCY
    offer_applications: Any = ()

    def __init__(self, lines: Sequence[GoodsLine], *, owner: User | None = None) -> None:
        self.lines = lines
        self.owner = owner

    def all_lines(self) -> Sequence[GoodsLine]:
        return self.lines

    def of(self, cooperative_id: int) -> "Goods":
        """The goods of one cooperative; what is taken off them is taken off these."""
        return Goods([line for line in self.lines if line.product.cooperative_id == cooperative_id], owner=self.owner)


@dataclass(frozen=True)
class Discount:
    """What one offer gives: `amount` đồng, of which `shares` fall on each line of the goods; `times` it was applied."""

    offer: ConditionalOffer
    voucher: Any
    amount: int
    shares: Sequence[int]
    times: int

    @property
    def name(self) -> str:
        return self.voucher.code if self.voucher else self.offer.name


def discounts_on(goods: Goods, offers: Sequence[ConditionalOffer]) -> list[Discount]:
    """What the offers give, the first of the same priority first. Offers that give nothing are left out.

    Never more than a line costs. Asks as many queries as the offers have ranges, whatever the number of lines.
    """
    listing_ids = {line.product.pk for line in goods.lines}
    ranges = {part.range_id: part.range for offer in offers for part in (offer.condition, offer.benefit) if part.range}
    for found in ranges.values():
        found.look_up(listing_ids)
    for offer in offers:
        for part in (offer.condition, offer.benefit):
            if part.range_id is not None:
                part.range = ranges[part.range_id]
    Applicator().apply_offers(goods, sorted(offers, key=lambda offer: -offer.priority))
    left = [line.total for line in goods.lines]
    discounts = []
    for applied in goods.offer_applications:
        exact = [_exact(line, applied["offer"]) for line in goods.lines]
        shares = _shares(exact, left)
        left = [rest - share for rest, share in zip(left, shares, strict=True)]
        if amount := sum(shares):
            discounts.append(Discount(applied["offer"], applied["voucher"], amount, shares, applied["freq"]))
    return discounts


def _exact(line: GoodsLine, offer: ConditionalOffer) -> Decimal:
    """A division leaves a remainder in the 28th digit: a third three times is the whole."""
    amount = sum((part.amount for part in line.discounts.all() if part.offer == offer), Decimal(0))
    return amount.quantize(Decimal("0.000001"))


def _shares(exact: Sequence[Decimal], left: Sequence[int]) -> list[int]:
    """Whole đồng by line, none more than is left of the line. A line that two offers share may have a đồng less left.

    Each line gets its whole đồng, and what the fractions make together goes by largest remainder, the earlier first.
    """
    shares = [int(amount) for amount in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (shares[index] - exact[index], index))
    for index in by_remainder[: int(sum(exact) + _HALF_STEP) - sum(shares)]:
        shares[index] += 1
    return [min(share, rest) for share, rest in zip(shares, left, strict=True)]
