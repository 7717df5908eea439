"""What is in a basket, at today's prices, and what of it can still be bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.models import Product
from cooperatives.models import Cooperative
from cooperatives.partner.models import StockRecord
from cooperatives.partner.selectors import is_cooperative_active
from cooperatives.partner.strategy import Strategy
from marketplace.basket.models import Basket, Line
from marketplace.common.prepared import Prepared
from marketplace.common.quantities import format_quantity, quantity_from_steps
from marketplace.offer.selectors import any_open_offer, any_voucher
from marketplace.users.models import User

# What the basket, the checkout and the order that comes of it use of a line; the rows are several times as wide.
_READ = (
    *("basket_id", "quantity", "date_created", "price_incl_tax"),
    *(
        f"product__{name}"
        for name in (
            *("is_public", "title", "slug", "upc", "structure", "sale_unit", "step", "price_per_unit"),
            *("unit_weight_kg", "harvest_on", "is_discountable", "is_weighed", "tolerance_percent"),
            *("cooperative_id", "commodity_id", "origin_unit_id", "commune_id"),
            *(
                "cooperative__name",
                "cooperative__short_name",
                "cooperative__slug",
                "cooperative__email",
                "cooperative__phone",
            ),
            "commune__name",
        )
    ),
    *(
        f"stockrecord__{name}"
        for name in ("product_id", "partner_id", "price_currency", "price", "num_in_stock", "num_allocated")
    ),
)


@dataclass(frozen=True)
class BasketLine:
    """One good: `steps` wanted, `free_steps` that could be had, 0 when it is no longer on sale.

    `accepted_step_price` is what the buyer has seen: the price when it was put in, or since accepted. `may_be_reduced`
    when an offer is open or the basket holds a voucher.
    """

    pk: int
    listing: Product
    stockrecord: StockRecord
    steps: int
    step_price: int
    free_steps: int
    accepted_step_price: int | None = None
    may_be_reduced: bool = False

    @property
    def total(self) -> int:
        return self.steps * self.step_price

    @property
    def quantity(self) -> Decimal:
        """In units of sale."""
        return quantity_from_steps(self.steps, self.listing.step)

    @property
    def maximum(self) -> Decimal:
        return quantity_from_steps(self.free_steps, self.listing.step)

    @property
    def is_buyable(self) -> bool:
        return self.steps <= self.free_steps

    @property
    def is_price_changed(self) -> bool:
        """Of goods that can still be had."""
        return bool(self.free_steps) and self.accepted_step_price not in (None, self.step_price)

    @property
    def is_changed(self) -> bool:
        """Whether the line is no longer what the buyer agreed to: another price, or less left."""
        return self.is_price_changed or not self.is_buyable

    @property
    def accepted_price(self) -> Decimal:
        """What a unit of sale cost, in đồng."""
        return Decimal(self.accepted_step_price or 0) / self.listing.step

    @property
    def problem(self) -> str:
        """Why it cannot be bought as it stands; empty when it can."""
        if self.is_buyable:
            return ""
        if not self.free_steps:
            return _("No longer on sale. Remove it to go on.")
        return _("Only %(left)s left.") % {"left": format_quantity(self.maximum, self.listing.sale_unit)}


@dataclass(frozen=True)
class BasketParcel:
    """What comes from one cooperative."""

    cooperative: Cooperative
    lines: Sequence[BasketLine]

    @cached_property
    def goods_total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def is_buyable(self) -> bool:
        return all(line.is_buyable for line in self.lines)

    @property
    def is_changed(self) -> bool:
        return any(line.is_changed for line in self.lines)


def basket_parcels(
    *, basket_id: int | None, owner: User | None, on: date, status: str = Basket.OPEN
) -> list[BasketParcel]:
    """One for each cooperative, in the order in which the goods came into the basket.

    Nothing for a basket in another status, or not of `owner` (None for a guest's). One query; none for no basket.
    """
    if basket_id is None:
        return []
    strategy = Strategy(today=on)
    by_cooperative: dict[Cooperative, list[BasketLine]] = {}
    asked = (status, basket_id, on)
    lines = _lines_of_guest(*asked) if owner is None else _lines_of_person(*asked, owner.pk)
    for line in lines:
        if line.product.cooperative is not None:
            by_cooperative.setdefault(line.product.cooperative, []).append(_priced(line, strategy))
    return [BasketParcel(cooperative, lines) for cooperative, lines in by_cooperative.items()]


def listing_for_basket(pk: int) -> Product | None:
    """What adding needs of a public listing; None if there is none. One query."""
    return next(iter(_listing(pk)), None)


def count_of_lines(*, basket_id: int | None, owner: User | None) -> int:
    """Lines in a guest's open basket (by its key) and in a person's own. One query; none for nobody's."""
    if owner is not None:
        return len(_keys_of_person(owner.pk))
    return len(_keys_of_guest(basket_id)) if basket_id is not None else 0


def _priced(line: Any, strategy: Strategy) -> BasketLine:
    line.stockrecord.seller_active = line.seller_active
    info = strategy.fetch_for_line(line, line.stockrecord)
    return BasketLine(
        pk=line.pk,
        listing=line.product,
        stockrecord=line.stockrecord,
        steps=line.quantity,
        step_price=int(info.price.incl_tax) if info.price.exists else 0,
        free_steps=getattr(info.availability, "num_available", 0) if info.price.exists else 0,
        accepted_step_price=None if line.price_incl_tax is None else int(line.price_incl_tax),
        may_be_reduced=line.has_offers or line.has_voucher,
    )


def _in_open_basket(status: str = Basket.OPEN, **of: Any) -> QuerySet[Line, Any]:
    return Line.objects.filter(basket__status=status, quantity__gt=0, **of)


def _lines(status: str, on: date, **of: Any) -> QuerySet[Line, Any]:
    return (
        _in_open_basket(status, **of)
        .select_related("product__cooperative", "product__commune", "stockrecord")
        .only(*_READ)
        .annotate(
            seller_active=is_cooperative_active("product__cooperative_id", on),
            has_offers=any_open_offer(),
            has_voucher=any_voucher("basket_id", Basket.vouchers.through),
        )
        .order_by("date_created", "pk")
    )


_lines_of_guest = Prepared(lambda status, basket, on: _lines(status, on, basket_id=basket, basket__owner=None))
_lines_of_person = Prepared(
    lambda status, basket, on, owner: _lines(status, on, basket_id=basket, basket__owner_id=owner)
)
_listing = Prepared(
    lambda pk: (
        Product.objects.filter(pk=pk, is_public=True)
        .only("title", "slug", "structure", "parent_id", "sale_unit", "step", "price_per_unit")
        .order_by()
    )
)
# A basket is small (services.MAXIMUM_LINES): its keys are counted here, so that the statement is one for everybody.
_keys_of_guest = Prepared(
    lambda basket: _in_open_basket(basket_id=basket, basket__owner=None).order_by().values_list("pk")
)
_keys_of_person = Prepared(lambda owner: _in_open_basket(basket__owner_id=owner).order_by().values_list("pk"))
