"""When buyers and cooperatives are told of paying in advance: asked for it, reminded before goods are let go, received."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

from marketplace.common.dates import local_day
from marketplace.order import emails_clerks, emails_payment
from marketplace.order.emails_payment import ASKED, ENDS, TransferTo, transfer_key
from marketplace.order.models import Order, Parcel
from marketplace.order.states import CANCELLABLE
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import Email, enqueue_all
from marketplace.payment.bank_accounts import accounts_of
from marketplace.payment.providers.vietqr.banks import get_bank

# The time that is left for a transfer when its buyer is reminded.
REMINDED_BEFORE = timedelta(hours=4)
_BATCH = 200


def send_received(
    *, order: Order, parcels: Iterable[Parcel], amounts: Mapping[int, int], key: str, now: datetime
) -> None:
    """To the buyer, that the money came; to each cooperative, that its parcel may be packed. `amounts` by parcel.

    Inside the transaction that credits the money; `key` names the payment.
    """
    keys = [parcel.pk for parcel in parcels if parcel.status in CANCELLABLE]
    told = list(Parcel.objects.filter(pk__in=keys).select_related("cooperative").order_by("pk"))
    if not told:
        return
    messages = emails_payment.paid(order, told, amount=sum(amounts[parcel.pk] for parcel in told), key=key)
    for parcel in told:
        messages += emails_clerks.paid(parcel, amount=amounts[parcel.pk], key=key, on=local_day(now))
    enqueue_all(messages, now=now)


def ask_for_transfers(*, now: datetime) -> int:
    """Writes the bank's data to buyers whose parcels await a transfer, once for each. How many."""
    return _write(ASKED, Q(hold_expires_at__gt=now), emails_payment.transfer_asked, now)


def tell_holds_end(*, now: datetime) -> int:
    """Reminds buyers whose goods are held for a transfer but a little longer, once for each. How many."""
    soon = Q(hold_expires_at__gt=now, hold_expires_at__lte=now + REMINDED_BEFORE)
    return _write(ENDS, soon, emails_payment.hold_ends, now)


def _write(kind: str, which: Q, write: Callable[[Order, Parcel, TransferTo], list[Email]], now: datetime) -> int:
    head, tail = transfer_key("|", kind).split("|")
    told = OutboxMessage.objects.filter(key=Concat(Value(head), OuterRef("number"), Value(tail)))
    parcels = (
        Parcel.objects.filter(which, ~Exists(told))
        .filter(payment_method=Parcel.PaymentMethod.TRANSFER, paid_at=None, status__in=CANCELLABLE)
        # Who has no e-mail address got the link by text message.
        .filter(~Q(order__guest_email="") | Q(order__user__email__isnull=False))
        .select_related("order__user", "cooperative")
        .order_by("hold_expires_at", "pk")[:_BATCH]
    )
    found = list(parcels)
    accounts = _accounts(found)
    messages = [
        email
        for parcel in found
        if parcel.cooperative_id in accounts
        for email in write(parcel.order, parcel, accounts[parcel.cooperative_id])
    ]
    enqueue_all(messages, now=now)
    return len(messages)


def _accounts(parcels: Sequence[Parcel]) -> dict[int, TransferTo]:
    if not parcels:
        return {}
    accounts = accounts_of({parcel.cooperative_id for parcel in parcels})
    return {
        pk: TransferTo(get_bank(account.bank_bin).short_name, account.account_number, account.holder)
        for pk, account in accounts.items()
    }
