"""Which ways of paying a cooperative offers for a parcel, by its own terms and by what happened at the door."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cooperatives.models import Cooperative
from marketplace.common.money import format_vnd
from marketplace.order.models import Parcel, ParcelEvent
from marketplace.order.states import FailureReason, Status
from marketplace.payment.models import PaymentTerms

Method = Parcel.PaymentMethod
# So many parcels refused at the door within so long, and the phone pays in advance.
REFUSALS_BORNE = 1
REFUSALS_COUNT_FOR = timedelta(days=365)


@dataclass(frozen=True)
class ParcelMethods:
    """What may be chosen for one cooperative's parcel. `cash_problem` says why cash may not; empty when it may.

    Only the cooperative's terms speak here: whether it has named a bank account, and whether the marketplace takes
    cards at all, is known above.
    """

    accepted: frozenset[str]
    cash_problem: str = ""
    calls_before_packing: bool = False


def methods_for(
    *, cooperative_ids: Iterable[int], totals: Mapping[int, int], phone: str, now: datetime
) -> dict[int, ParcelMethods]:
    """By cooperative. `totals` are the parcels' totals in đồng; `phone` is the buyer's, E.164, empty while not known.

    One query, and one more for a known phone.
    """
    wanted = list(cooperative_ids)
    terms = {row.cooperative_id: row for row in PaymentTerms.objects.filter(cooperative__in=wanted)}
    pays_ahead = bool(phone) and refusals_of(phone, now=now) > REFUSALS_BORNE
    return {
        pk: methods_of(terms.get(pk) or PaymentTerms(), total=totals.get(pk, 0), pays_ahead=pays_ahead) for pk in wanted
    }


def calls_before_packing(cooperative: Cooperative) -> bool:
    """Whether it calls each buyer before it packs. No query where `payment_terms` is selected with it."""
    terms: PaymentTerms | None = getattr(cooperative, "payment_terms", None)
    return terms is not None and terms.calls_before_packing


def refusals_of(phone: str, *, now: datetime) -> int:
    """How many parcels ordered by that phone were refused at the door within REFUSALS_COUNT_FOR. One query."""
    return refusals(phone, now - REFUSALS_COUNT_FOR, now).values("parcel_id").distinct().count()


def refusals(phone: str, after: datetime, until: datetime) -> QuerySet[ParcelEvent, Any]:
    """Refusals at the door of parcels ordered by that phone; one parcel may be refused twice."""
    return ParcelEvent.objects.filter(
        to_status=Status.DELIVERY_FAILED,
        reason=FailureReason.REFUSED,
        parcel__order__buyer_phone=phone,
        occurred_at__gt=after,
        occurred_at__lte=until,
    )


def methods_of(terms: PaymentTerms, *, total: int, pays_ahead: bool) -> ParcelMethods:
    """What the terms let a parcel of that total be paid by. `pays_ahead`: too many were refused to take cash."""
    accepted = {Method.TRANSFER: terms.accepts_transfer, Method.CARD: terms.accepts_card}
    problem = _cash_problem(terms, total, pays_ahead=pays_ahead)
    return ParcelMethods(
        accepted=frozenset(
            method.value for method, is_open in {**accepted, Method.CASH_ON_DELIVERY: not problem}.items() if is_open
        ),
        cash_problem=problem,
        calls_before_packing=terms.calls_before_packing,
    )


def _cash_problem(terms: PaymentTerms, total: int, *, pays_ahead: bool) -> str:
    if not terms.accepts_cash:
        return _("This cooperative takes no cash on delivery.")
    if terms.cash_maximum is not None and total > terms.cash_maximum:
        return _("This cooperative takes cash for parcels of at most %(maximum)s.") % {
            "maximum": format_vnd(terms.cash_maximum)
        }
    # Said without its cause: who types somebody else's number learns nothing of them.
    return _("With this phone number, please pay in advance.") if pays_ahead else ""
