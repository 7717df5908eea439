"""What offers and vouchers take off the goods of a basket, by parcel and line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.basket.selectors import BasketParcel
from marketplace.offer.discounts import Discount, Goods, GoodsLine, discounts_on
from marketplace.offer.selectors import BasketVoucher, offers_for
from marketplace.users.models import User


@dataclass(frozen=True)
class LineReduction:
    """In đồng, by who bears it."""

    seller: int = 0
    marketplace: int = 0

    @property
    def total(self) -> int:
        return self.seller + self.marketplace


@dataclass(frozen=True)
class Reductions:
    """`by_parcel` follows the parcels and their lines; empty for a parcel of which nothing is taken off."""

    by_parcel: Sequence[Sequence[LineReduction]] = ()
    discounts: Sequence[Discount] = ()
    vouchers: Sequence[BasketVoucher] = ()


NO_REDUCTION = LineReduction()
NO_REDUCTIONS = Reductions()


def reductions_on(parcels: Sequence[BasketParcel], *, basket_id: int, owner: User | None, now: datetime) -> Reductions:
    """No query when no offer is open and the basket holds no voucher."""
    nothing: list[Sequence[LineReduction]] = [() for _parcel in parcels]
    if not any(line.may_be_reduced for parcel in parcels for line in parcel.lines):
        return Reductions(nothing)
    found = offers_for(basket_id=basket_id, owner=owner, now=now)
    lines = [
        GoodsLine(listing=line.listing, stockrecord=line.stockrecord, steps=line.steps, step_price=line.step_price)
        for parcel in parcels
        for line in parcel.lines
    ]
    discounts = discounts_on(Goods(lines, owner=owner), found.offers) if found.offers else []
    given = {discount.voucher.pk for discount in discounts if discount.voucher}
    vouchers = [
        held if held.problem or held.voucher.pk in given else BasketVoucher(held.voucher, _not_for_these_goods())
        for held in found.vouchers
    ]
    if not discounts:
        return Reductions(nothing, vouchers=vouchers)
    by_line = iter([_line(discounts, index) for index in range(len(lines))])
    return Reductions([[next(by_line) for _line in parcel.lines] for parcel in parcels], discounts, vouchers)


def _line(discounts: Sequence[Discount], index: int) -> LineReduction:
    by_seller = sum(discount.shares[index] for discount in discounts if discount.offer.funded_by_id is not None)
    return LineReduction(by_seller, sum(discount.shares[index] for discount in discounts) - by_seller)


def _not_for_these_goods() -> str:
    return _("This code gives nothing for the goods in your basket.")
