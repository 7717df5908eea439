"""One attempt by card, and the provider's page for it: asked for, read, closed, and what it says applied.

No lock is held while the provider is called. What it answers is applied afterwards, and only moves the attempt forward.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.ledger.models import Account
from marketplace.ledger.services import post, transfer
from marketplace.order.evidence import contact_email
from marketplace.order.models import Parcel
from marketplace.order.states import HOLDS
from marketplace.payment.facts import STRIPE, Fact, Outcome, apply_fact, record_unmatched
from marketplace.payment.models import PaymentAttempt, UnmatchedMoney
from marketplace.payment.providers.base import CardPage, CardProvider, PageItem, PageRequest, ProviderRefusedError

logger = logging.getLogger(__name__)

Status = PaymentAttempt.Status
OPEN = (Status.CREATED, Status.PENDING)
# The page lives as long from the attempt as the goods are held from the order: longer than Stripe's least, 30 minutes,
# by what a first call may be late. The goods' own time ends it earlier, by closing it.
PAGE_LIFE = HOLDS[Parcel.PaymentMethod.CARD]
_signer = Signer(salt="marketplace.payment.return", sep=".")


def request_for(attempt: PaymentAttempt) -> PageRequest:
    """Says the same each time it is asked, so that the call may be made again under the attempt's key."""
    order = attempt.order
    shares = attempt.share_of
    parcels = Parcel.objects.filter(pk__in=shares).select_related("cooperative").order_by("pk")
    with translation.override(order.language):
        items = [
            PageItem(
                name=_("Parcel %(number)s: %(cooperative)s")
                % {"number": parcel.number.upper(), "cooperative": parcel.cooperative.short_name},
                amount=shares[parcel.pk],
            )
            for parcel in parcels
        ]
        # Nobody reads the answer in this address: it only makes us look at the page.
        back = settings.SITE_URL.rstrip("/") + reverse("payment:card_return", args=[return_token(attempt)])
    return PageRequest(
        key=attempt.idempotency_key,
        order_number=order.number,
        items=items,
        language=order.language,
        email=contact_email(order),
        return_url=back,
        cancel_url=back,
        expires_at=attempt.created_at + PAGE_LIFE,
        created_at=attempt.created_at,
    )


def return_token(attempt: PaymentAttempt) -> str:
    """What the address of return says of the attempt."""
    return _signer.sign(str(attempt.pk))


def attempt_of_token(token: str) -> PaymentAttempt | None:
    """The attempt that the address of return names; None for an address that we did not give."""
    try:
        pk = int(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return PaymentAttempt.objects.select_related("order").filter(pk=pk, provider=STRIPE).first()


def ask_page(*, provider: CardProvider, attempt: PaymentAttempt, now: datetime) -> CardPage:
    """The page of an attempt that has none yet, or whose answer was lost: the same key makes no second one.

    A refusal is final for the attempt. Raises ProviderRefusedError or ProviderUnavailableError.
    """
    try:
        page = provider.create_page(request_for(attempt))
    except ProviderRefusedError as error:
        finish(attempt, Status.FAILED, now=now, error=str(error.params.get("reason", "")))
        raise
    PaymentAttempt.objects.filter(pk=attempt.pk, status=Status.CREATED).update(
        status=Status.PENDING, external_id=page.external_id, url=_kept(page.url), checked_at=now, last_error=""
    )
    attempt.refresh_from_db()
    return page


def read_attempt(*, provider: CardProvider, attempt: PaymentAttempt, now: datetime) -> CardPage:
    """The page as it stands at the provider, after what it says was applied."""
    if not attempt.external_id:
        ask_page(provider=provider, attempt=attempt, now=now)
    page = provider.read_page(attempt.external_id)
    apply_page(attempt=attempt, page=page, now=now)
    return page


def close_attempt(*, provider: CardProvider, attempt: PaymentAttempt, now: datetime) -> bool:
    """Whether nothing can be paid on the attempt's page any more. Money that was quicker is applied."""
    if not attempt.external_id:
        # The answer to the call that made the page may have been lost.
        try:
            ask_page(provider=provider, attempt=attempt, now=now)
        except ProviderRefusedError:
            return True
    page = provider.expire_page(attempt.external_id)
    apply_page(attempt=attempt, page=page, now=now)
    return not page.is_open


def apply_page(*, attempt: PaymentAttempt, page: CardPage, now: datetime) -> None:
    """What the page says, applied; nothing goes back."""
    if page.is_paid:
        _apply_payment(attempt, page, now)
    elif page.is_open:
        PaymentAttempt.objects.filter(pk=attempt.pk, status__in=OPEN).update(
            checked_at=now, url=_kept(page.url), last_error=""
        )
    else:
        finish(attempt, Status.EXPIRED, now=now)
    attempt.refresh_from_db()


def finish(attempt: PaymentAttempt, status: str, *, now: datetime, error: str = "") -> None:
    """An attempt that is open ends so; another one stays as it is."""
    PaymentAttempt.objects.filter(pk=attempt.pk, status__in=OPEN).update(
        status=status, finished_at=now, checked_at=now, last_error=error[:300]
    )
    attempt.refresh_from_db()


def fact_of(page: CardPage, now: datetime) -> Fact:
    return Fact(
        provider=STRIPE,
        reference=page.payment_id,
        amount=page.amount,
        currency=page.currency,
        occurred_at=page.paid_at or now,
    )


def post_fee(*, payment_id: str, fee: int | None, now: datetime) -> None:
    """What the provider kept of a payment, once; nothing while it is not known."""
    post(
        key=fee_key(payment_id),
        kind="provider_fee",
        sides=transfer(debit=Account.Kind.PROVIDER_FEES, credit=Account.Kind.CARD_CLEARING, amount=fee or 0),
        cooperative_id=None,
        now=now,
    )


def fee_key(payment_id: str) -> str:
    return f"provider_fee:{STRIPE}:{payment_id}"[:120]


@transaction.atomic
def _apply_payment(attempt: PaymentAttempt, page: CardPage, now: datetime) -> None:
    if (page.key, page.order_number) != (attempt.idempotency_key, attempt.order.number):
        # The page names another order: nothing of this one is paid by it.
        record_unmatched(fact=fact_of(page, now), reason=UnmatchedMoney.Reason.UNKNOWN_PAYMENT, now=now)
        finish(attempt, Status.FAILED, now=now, error="metadata")
        return
    outcome = apply_fact(fact=fact_of(page, now), target=attempt, now=now)
    # Under the order's lock, which apply_fact has taken.
    PaymentAttempt.objects.filter(pk=attempt.pk).update(payment_id=page.payment_id, checked_at=now)
    if outcome == Outcome.UNMATCHED:
        logger.error("Card payment of order %s fits nothing: see unmatched money", attempt.order_id)
        finish(attempt, Status.FAILED, now=now, error=str(outcome))
    post_fee(payment_id=page.payment_id, fee=page.fee, now=now)


def _kept(url: str) -> str:
    """Longer than the column, it is read from the provider when it is wanted."""
    return url if len(url) <= 1000 else ""
