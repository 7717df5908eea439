"""What the cooperatives ask of an order of what is in the basket."""

from collections.abc import Sequence
from datetime import datetime

from marketplace.basket.selectors import BasketParcel
from marketplace.shipping.ordering import ordering_problems
from marketplace.shipping.selectors import offers_of


def rules_problems(parcels: Sequence[BasketParcel], *, now: datetime) -> dict[int, list[str]]:
    """Why each cooperative takes no order of its goods now, in sentences. One query, none for no parcel."""
    offered = offers_of(parcel.cooperative.pk for parcel in parcels)
    return {
        parcel.cooperative.pk: ordering_problems(
            offered[parcel.cooperative.pk].rules,
            cooperative=parcel.cooperative.short_name,
            goods_total=parcel.goods_total,
            now=now,
        )
        for parcel in parcels
    }
