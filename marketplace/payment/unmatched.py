"""Money on a cooperative's own account that fits no parcel as it stands: what a person of the cooperative does with it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative
from marketplace.common.locks import locked
from marketplace.order.locks import lock_order_of
from marketplace.order.models import Parcel
from marketplace.order.states import NOTHING_DUE, amount_due, is_payable
from marketplace.payment.facts import COLLECTING, CURRENCY, Fact, credit
from marketplace.payment.models import Refund, UnmatchedMoney
from marketplace.payment.providers.vietqr.references import Payable, Suggester
from marketplace.payment.refunds import record_refund_given, refund_unmatched
from marketplace.payment.services import ParcelNotPayableError, PaymentError
from marketplace.users.models import User

MAXIMUM_SUGGESTIBLE = 5_000


class MoneySettledError(PaymentError):
    code = "money_settled"
    message = _("This money was settled already.")


class MoneyNotTheCooperativesError(PaymentError):
    code = "money_not_the_cooperatives"
    message = _("This money cannot be applied to that parcel.")


def open_money(cooperative: Cooperative) -> QuerySet[UnmatchedMoney]:
    """What waits on the cooperative's own account, the longest waiting first."""
    return (
        UnmatchedMoney.objects.filter(cooperative=cooperative, status=UnmatchedMoney.Status.OPEN)
        .exclude(provider__in=COLLECTING)
        .select_related("parcel__order")
        .order_by("occurred_at", "pk")
    )


def suggestions(cooperative: Cooperative, money: Iterable[UnmatchedMoney]) -> dict[int, Parcel]:
    """By the money's key, the parcel to which it probably belongs: the one that was read, or the likeliest. One query."""
    waiting = (
        Parcel.objects.filter(cooperative=cooperative, payment_reference__isnull=False, paid_at__isnull=True)
        .exclude(status__in=NOTHING_DUE)
        .select_related("order")
        .order_by("-placed_at")[:MAXIMUM_SUGGESTIBLE]
    )
    parcels = {str(parcel.payment_reference): parcel for parcel in waiting}
    suggester = Suggester(
        Payable(reference, amount_due(parcel), buyer=parcel.order.buyer_name) for reference, parcel in parcels.items()
    )
    found: dict[int, Parcel] = {}
    for row in money:
        if row.parcel is not None and is_payable(row.parcel):
            found[row.pk] = row.parcel
        elif reference := suggester.suggest(row.memo, int(row.amount), row.payer):
            found[row.pk] = parcels[reference]
    return found


def assign(*, money: UnmatchedMoney, parcel: Parcel, by: User | None, now: datetime) -> Parcel:
    """The parcel, which received the money: all of what is due, a part, or more, which is refunded from the parcel.

    Raises MoneySettledError, MoneyNotTheCooperativesError or ParcelNotPayableError; then nothing is changed.
    """
    with transaction.atomic():
        order, parcel, _parcels = lock_order_of(parcel)
        money = _lock_open(money)
        _require_not_promised_back(money)
        if money.cooperative_id != parcel.cooperative_id or money.currency != CURRENCY or money.provider in COLLECTING:
            raise MoneyNotTheCooperativesError
        if not is_payable(parcel):
            raise ParcelNotPayableError(number=parcel.number.upper(), status=parcel.get_status_display())
        fact = Fact(
            provider=money.provider,
            reference=money.reference,
            amount=int(money.amount),
            currency=money.currency,
            occurred_at=money.occurred_at,
        )
        credit(order=order, parcel=parcel, fact=fact, amount=int(money.amount), attempt=None, by=by, now=now)
        money.parcel = parcel
        _settle(money, UnmatchedMoney.Status.APPLIED, by, now)
        return parcel


def give_back(*, money: UnmatchedMoney, bank_reference: str, by: User | None, now: datetime) -> Refund:
    """Records that the cooperative has sent the money back to its payer, with its own transfer's reference.

    Raises MoneySettledError, RefundNotYoursError or ReferenceMissingError; then nothing is changed.
    """
    with transaction.atomic():
        money = _lock_open(money)
        refund = refund_unmatched(money=money, now=now, by=by)
        return record_refund_given(refund=refund, reference=bank_reference, now=now, by=by)


def dismiss(*, money: UnmatchedMoney, note: str, by: User | None, now: datetime) -> UnmatchedMoney:
    """Money that has nothing to do with the market: sales at the door, a member's capital. Raises MoneySettledError."""
    with transaction.atomic():
        money = _lock_open(money)
        _require_not_promised_back(money)
        money.note = note.strip()[:300]
        return _settle(money, UnmatchedMoney.Status.DISMISSED, by, now)


def _lock_open(money: UnmatchedMoney) -> UnmatchedMoney:
    rows = locked(UnmatchedMoney.objects.filter(pk=money.pk, status=UnmatchedMoney.Status.OPEN))
    if not rows:
        raise MoneySettledError
    return rows[0]


def _require_not_promised_back(money: UnmatchedMoney) -> None:
    if Refund.objects.filter(unmatched=money).exists():
        raise MoneySettledError


def _settle(money: UnmatchedMoney, status: str, by: User | None, now: datetime) -> UnmatchedMoney:
    money.status, money.resolved_at, money.resolved_by = status, now, by
    money.save(update_fields=["status", "parcel", "note", "resolved_at", "resolved_by"])
    return money
