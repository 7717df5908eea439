"""What may be bought now, of which listing, and at what price."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, Greatest

from cooperatives.models import CooperativeActivity
from cooperatives.partner.models import StockRecord
from marketplace.common.prepared import Prepared


@dataclass(frozen=True, slots=True)
class PurchaseFacts:
    """The price of one step in đồng, the steps that nobody has ordered, and whether anybody may buy the listing."""

    listing_id: int
    stockrecord_id: int
    step_price: int
    free_steps: int
    is_offered: bool

    @property
    def is_buyable(self) -> bool:
        return self.is_offered and self.free_steps > 0


def is_cooperative_active(cooperative_id_path: str, on: date) -> Exists:
    """The condition that the cooperative that the path leads to is active on the day."""
    return Exists(CooperativeActivity.objects.in_force(on).filter(cooperative_id=OuterRef(cooperative_id_path)))


def free_steps(path: str = "") -> Greatest:
    """The steps that nobody has ordered, of the stock record that the path leads to; 0 where there is none."""
    free = F(f"{path}num_in_stock") - Coalesce(F(f"{path}num_allocated"), Value(0))
    return Greatest(Coalesce(free, Value(0)), Value(0))


def stock_on(on: date) -> QuerySet[Any, Any]:
    """Stock records with `free_steps` and `seller_active`."""
    return StockRecord.objects.annotate(
        free_steps=free_steps(),
        seller_active=is_cooperative_active("product__cooperative_id", on),
    )


def purchase_info_for_listings(listing_ids: Iterable[int], *, on: date) -> dict[int, PurchaseFacts]:
    """By key of listing; one without a stock record or a price is missing. One query, none for no listing."""
    keys = tuple(sorted(set(listing_ids)))
    return {
        listing_id: PurchaseFacts(
            listing_id=listing_id,
            stockrecord_id=pk,
            step_price=int(price),
            free_steps=free_steps,
            is_offered=is_public and seller_active,
        )
        for pk, listing_id, price, free_steps, is_public, seller_active in (_offers(keys, on) if keys else [])
    }


_offers = Prepared(
    lambda listings, on: (
        stock_on(on)
        .filter(product_id__in=listings, price__isnull=False)
        .values_list("pk", "product_id", "price", "free_steps", "product__is_public", "seller_active")
        .order_by()
    )
)
