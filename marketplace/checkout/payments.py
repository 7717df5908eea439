"""How an order is paid: as a whole by card, or each cooperative's parcel in cash or by transfer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from marketplace.checkout.sellers import Sellers
from marketplace.order.models import Parcel
from marketplace.payment.card import card_is_offered
from marketplace.payment.models import PaymentTerms
from marketplace.payment.terms import ParcelMethods, methods_of

Method = Parcel.PaymentMethod
# The first that is accepted is chosen for a buyer who has not said.
OF_A_PARCEL = (Method.CASH_ON_DELIVERY, Method.TRANSFER)


@dataclass(frozen=True)
class PaymentWish:
    """What the buyer asked for: one method for every parcel, or one by cooperative. Anything may have been posted."""

    for_all: str = ""
    by_cooperative: Mapping[int, str] = field(default_factory=dict)

    @property
    def asks_for_card(self) -> bool:
        return self.for_all == Method.CARD or set(self.by_cooperative.values()) == {Method.CARD}

    def of(self, cooperative_id: int) -> str:
        if self.for_all == Method.CARD:
            return self.for_all
        return self.by_cooperative.get(cooperative_id) or (self.for_all if self.for_all in OF_A_PARCEL else "")


@dataclass(frozen=True)
class ParcelPayment:
    """`offered` for the parcel alone; `chosen` is empty when nothing can be had. `problem`: why not what was asked for."""

    offered: Sequence[str]
    chosen: str
    cash_problem: str = ""
    problem: str = ""


@dataclass(frozen=True)
class OrderPayment:
    """By cooperative; `is_card_offered` for the order as a whole."""

    parcels: Mapping[int, ParcelPayment]
    is_card_offered: bool = False
    is_by_card: bool = False


def payment_of(totals: Mapping[int, int], sellers: Sellers, wish: PaymentWish) -> OrderPayment:
    """`totals` are those of the parcels, in đồng, by cooperative."""
    methods = {
        pk: methods_of(sellers.terms.get(pk) or PaymentTerms(), total=total, pays_ahead=sellers.pays_ahead)
        for pk, total in totals.items()
    }
    offered = {pk: _offered(methods[pk], has_account=pk in sellers.with_account) for pk in totals}
    card = card_is_offered(sum(totals.values())) and all(Method.CARD in each.accepted for each in methods.values())
    wished = {pk: wish.of(pk) for pk in totals}
    # Where nothing else can be had of anybody, the card need not be asked for.
    by_card = card and (set(wished.values()) == {Method.CARD} or not any(offered.values()))
    return OrderPayment(
        {pk: _parcel(methods[pk], offered[pk], wished[pk], by_card=by_card) for pk in totals},
        is_card_offered=card,
        is_by_card=by_card,
    )


def _offered(methods: ParcelMethods, *, has_account: bool) -> list[str]:
    return [
        method.value
        for method in OF_A_PARCEL
        if method in methods.accepted and (has_account or method != Method.TRANSFER)
    ]


def _parcel(methods: ParcelMethods, offered: Sequence[str], wished: str, *, by_card: bool) -> ParcelPayment:
    if by_card:
        return ParcelPayment(offered, Method.CARD.value, methods.cash_problem)
    if wished and wished not in offered:
        return ParcelPayment(offered, next(iter(offered), ""), methods.cash_problem, _refusal(wished, methods))
    chosen = wished or next(iter(offered), "")
    problem = "" if chosen else _("This cooperative can take no payment for this parcel now.")
    return ParcelPayment(offered, chosen, methods.cash_problem, problem)


def _refusal(wished: str, methods: ParcelMethods) -> str:
    if wished == Method.CASH_ON_DELIVERY:
        return methods.cash_problem
    if wished == Method.CARD:
        return _("This order cannot be paid by card. Choose another way of paying.")
    return _("This cooperative does not take that way of paying. Choose another.")
