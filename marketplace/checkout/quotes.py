"""What a basket costs with discounts and delivery, as it stands now: the total that is shown, and that placing checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from cooperatives.places.models import AdministrativeUnit
from marketplace.basket.models import Basket
from marketplace.basket.reductions import NO_REDUCTION, NO_REDUCTIONS, LineReduction, Reductions, reductions_on
from marketplace.basket.selectors import BasketParcel, basket_parcels
from marketplace.checkout.payments import OrderPayment, PaymentWish, payment_of
from marketplace.checkout.sellers import Sellers, sellers_of
from marketplace.common.dates import local_day
from marketplace.shipping.models import DeliveryMethod
from marketplace.shipping.ordering import ordering_problems, pickup_words, promised_days
from marketplace.shipping.rates import Destination, Method, Promise, charge_of
from marketplace.shipping.selectors import Offered, offers_of
from marketplace.shipping.weights import line_grams
from marketplace.users.models import User

Kind = DeliveryMethod.Kind
NO_WISH = PaymentWish()


@dataclass(frozen=True)
class Choice:
    """A way of delivery for this parcel, as it is shown, sent back by its `id`, and frozen when the order is placed.

    `charge` in đồng: the least that it can cost while `is_estimate`. `days` are the number of days that delivery takes once the
    parcel has left, None for a pick-up point; `pickup_note` is the point's address and hours, empty for what is brought.
    """

    id: str
    kind: str
    name: str
    charge: int
    is_estimate: bool
    promise: Promise
    days: tuple[int, int] | None = None
    pickup_note: str = ""

    @property
    def is_pickup(self) -> bool:
        return self.kind == Kind.PICKUP


@dataclass(frozen=True)
class ParcelQuote:
    """One cooperative's goods; `chosen` is None when nothing reaches the destination.

    `problems` are sentences that name the cooperative and say why it takes no order as it stands. `is_choice_lost` when
    the delivery that the buyer named is no longer to be had: `chosen` is then another.
    """

    goods: BasketParcel
    choices: Sequence[Choice]
    chosen: Choice | None
    weight_g: int = 0
    problems: Sequence[str] = ()
    is_choice_lost: bool = False
    # In the order of the goods' lines; none when nothing is taken off.
    reductions: Sequence[LineReduction] = ()

    @property
    def discount(self) -> int:
        return sum(reduction.total for reduction in self.reductions)

    @property
    def goods_total(self) -> int:
        """After discounts."""
        return self.goods.goods_total - self.discount

    @property
    def total(self) -> int:
        return self.goods_total + (self.chosen.charge if self.chosen else 0)

    def reduction_of(self, index: int) -> LineReduction:
        return self.reductions[index] if self.reductions else NO_REDUCTION

    @property
    def is_placeable(self) -> bool:
        return self.goods.is_buyable and self.chosen is not None and not self.problems


@dataclass(frozen=True)
class Quote:
    """`is_estimate` until the commune is known: the total is then the least that it can be."""

    parcels: Sequence[ParcelQuote]
    is_estimate: bool = False
    reductions: Reductions = NO_REDUCTIONS
    payment: OrderPayment = field(default_factory=lambda: OrderPayment({}))
    sellers: Sellers = field(default_factory=lambda: Sellers({}))

    @property
    def goods_total(self) -> int:
        """Before discounts."""
        return sum(parcel.goods.goods_total for parcel in self.parcels)

    @property
    def discount(self) -> int:
        return sum(parcel.discount for parcel in self.parcels)

    @property
    def delivery_total(self) -> int:
        return sum(parcel.chosen.charge for parcel in self.parcels if parcel.chosen)

    @property
    def total(self) -> int:
        return sum(parcel.total for parcel in self.parcels)

    @property
    def is_placeable(self) -> bool:
        return bool(self.parcels) and all(parcel.is_placeable for parcel in self.parcels)


def quote_basket(
    *,
    basket_id: int | None,
    owner: User | None,
    deliveries: Mapping[int, str],
    now: datetime,
    destination: AdministrativeUnit | None = None,
    wish: PaymentWish = NO_WISH,
    phone: str = "",
    status: str = Basket.OPEN,
    with_fees: bool = False,
) -> Quote:
    """`deliveries` names the choice of each cooperative by its `id`; without one, what is brought for least is chosen.

    `destination` is the commune of today, None while it is not known; so is `phone`, E.164, when it is empty. Three
    queries, and more where an offer is open or the basket holds a voucher; none for no basket.
    """
    parcels = basket_parcels(basket_id=basket_id, owner=owner, on=local_day(now), status=status)
    if not parcels or basket_id is None:
        return Quote([])
    to = Destination(destination.pk, destination.province_id, destination.name) if destination else None
    offered = offers_of(parcel.cooperative.pk for parcel in parcels)
    reductions = reductions_on(parcels, basket_id=basket_id, owner=owner, now=now)
    quotes = [
        _parcel(goods, offered[goods.cooperative.pk], deliveries.get(goods.cooperative.pk), to, now, taken)
        for goods, taken in zip(parcels, reductions.by_parcel, strict=True)
    ]
    listings = tuple(line.listing.pk for goods in parcels for line in goods.lines)
    sellers = sellers_of(listings, phone=phone, now=now, with_fees=with_fees)
    payment = payment_of({quote.goods.cooperative.pk: quote.total for quote in quotes}, sellers, wish)
    return Quote(quotes, is_estimate=to is None, reductions=reductions, payment=payment, sellers=sellers)


def _parcel(
    goods: BasketParcel,
    offered: Offered,
    wanted: str | None,
    to: Destination | None,
    now: datetime,
    reductions: Sequence[LineReduction],
) -> ParcelQuote:
    weight = sum(line_grams(line.listing, line.steps) for line in goods.lines)
    harvest = max((day for line in goods.lines if (day := line.listing.harvest_on)), default=None)
    choices = [
        choice
        for method in offered.methods
        if (choice := _choice(method, offered, goods.goods_total, weight, to, harvest, now))
    ]
    # What is brought stands first: nobody is sent to fetch goods without having said so.
    choices.sort(key=lambda choice: (choice.is_pickup, choice.charge, choice.promise.latest))
    named = next((choice for choice in choices if choice.id == str(wanted)), None)
    cooperative = goods.cooperative.short_name
    problems = ordering_problems(offered.rules, cooperative=cooperative, goods_total=goods.goods_total, now=now)
    if not choices:
        problems.insert(0, _unreached(offered.methods, cooperative, to))
    return ParcelQuote(
        goods,
        choices,
        named or next(iter(choices), None),
        weight_g=weight,
        problems=problems,
        is_choice_lost=bool(wanted) and named is None,
        reductions=reductions,
    )


def _choice(
    method: Method,
    offered: Offered,
    goods_total: int,
    weight: int,
    to: Destination | None,
    harvest: date | None,
    now: datetime,
) -> Choice | None:
    charge = charge_of(method, destination=to, weight_g=weight, goods_total=goods_total)
    if charge is None:
        return None
    return Choice(
        id=str(method.pk),
        kind=method.kind,
        name=method.name,
        charge=charge.amount,
        # One zone for the whole country charges the same wherever it goes.
        is_estimate=to is None and any(not zone.reach.is_nationwide for zone in method.zones),
        promise=promised_days(method, zone=charge.zone, rules=offered.rules, now=now, harvest_on=harvest),
        days=(charge.zone.days_min, charge.zone.days_max) if charge.zone else None,
        pickup_note=pickup_words(method),
    )


def _unreached(methods: Sequence[Method], cooperative: str, to: Destination | None) -> str:
    """Why nothing of the cooperative comes to the buyer."""
    said = {"cooperative": cooperative, "commune": to.name if to else ""}
    if any(charge_of(method, destination=to, weight_g=0, goods_total=0) for method in methods):
        return _("%(cooperative)s sends no parcel of this weight. Take less, or order in two parts.") % said
    if to is None or not methods:
        return _("%(cooperative)s cannot deliver now. Remove its goods to go on.") % said
    return _("%(cooperative)s does not deliver to %(commune)s. Remove its goods, or choose another address.") % said
