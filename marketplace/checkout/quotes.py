"""What a basket costs with its delivery, as it stands now: the one total that is shown, and that placing checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.basket.selectors import BasketParcel, basket_parcels
from marketplace.shipping.models import DeliveryOption
from marketplace.shipping.selectors import charge_for, options_of


@dataclass(frozen=True)
class Choice:
    """A way of delivery, and its charge for this parcel."""

    option: DeliveryOption
    charge: int


@dataclass(frozen=True)
class ParcelQuote:
    """One cooperative's goods; `chosen` is None when it offers no delivery."""

    goods: BasketParcel
    choices: Sequence[Choice]
    chosen: Choice | None

    @property
    def total(self) -> int:
        return self.goods.goods_total + (self.chosen.charge if self.chosen else 0)


@dataclass(frozen=True)
class Quote:
    parcels: Sequence[ParcelQuote]

    @property
    def goods_total(self) -> int:
        return sum(parcel.goods.goods_total for parcel in self.parcels)

    @property
    def delivery_total(self) -> int:
        return sum(parcel.chosen.charge for parcel in self.parcels if parcel.chosen)

    @property
    def total(self) -> int:
        return sum(parcel.total for parcel in self.parcels)

    @property
    def is_placeable(self) -> bool:
        return bool(self.parcels) and all(parcel.goods.is_buyable and parcel.chosen for parcel in self.parcels)


def quote_basket(*, basket_id: int | None, deliveries: Mapping[int, int], on: date) -> Quote:
    """`deliveries` names options by cooperative; where it names none of those offered, the cheapest is chosen.

    Two queries, none for no basket.
    """
    parcels = basket_parcels(basket_id=basket_id, on=on)
    if not parcels:
        return Quote([])
    offered = options_of(parcel.cooperative.pk for parcel in parcels)
    return Quote(
        [_parcel(parcel, offered[parcel.cooperative.pk], deliveries.get(parcel.cooperative.pk)) for parcel in parcels]
    )


def _parcel(goods: BasketParcel, offered: Sequence[DeliveryOption], wanted: int | None) -> ParcelQuote:
    choices = [Choice(option, charge_for(option, goods.goods_total)) for option in offered]
    choices.sort(key=lambda choice: choice.charge)
    named = [choice for choice in choices if choice.option.pk == wanted]
    return ParcelQuote(goods, choices, next(iter(named or choices), None))
