"""What was never told, or could not be applied, is asked for: every few minutes, by `manage.py run_due`."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from marketplace.common.errors import DomainError
from marketplace.ledger.models import Transaction
from marketplace.order.models import Parcel
from marketplace.order.states import CANCELLABLE
from marketplace.payment.card_pages import OPEN, close_attempt, fee_key, post_fee, read_attempt
from marketplace.payment.events import apply_event, store_event
from marketplace.payment.facts import STRIPE
from marketplace.payment.holds import MISSES
from marketplace.payment.models import PaymentAttempt, ProviderCursor, ProviderEvent
from marketplace.payment.providers.base import CardProvider, ProviderRefusedError, ProviderUnavailableError
from marketplace.payment.providers.choice import card_provider

logger = logging.getLogger(__name__)

_BATCH = 200
# Who has just been sent to the page is left alone; after that an attempt is looked at as often.
ATTEMPT_RESTS = timedelta(minutes=2)
# Stripe lists events for thirty days, and may be a little late in listing them.
EVENTS_KEPT = timedelta(days=29)
_EVENTS_LATE = timedelta(minutes=15)
_FEES_LATE = timedelta(days=7)
# The alarm: nothing may be left unreconciled for longer.
ALARM_AFTER = timedelta(minutes=15)


def reconcile_payments(*, now: datetime) -> int:
    """Reads open attempts, events that never arrived and fees that were not known, and applies what waits. How many
    things were looked at. A provider that does not answer costs only this pass.
    """
    provider = card_provider()
    if provider is None:
        return 0
    parts = (read_missed_events, apply_waiting_events, read_open_attempts, read_missing_fees)
    seen = sum(_isolated(part, provider, now) for part in parts)
    _raise_alarm(now)
    return seen


def read_missed_events(provider: CardProvider, now: datetime) -> int:
    """Stores the events since the last look. The cursor moves only when all of them are stored."""
    cursor, _is_new = ProviderCursor.objects.get_or_create(
        provider=STRIPE, defaults={"events_read_until": now - EVENTS_KEPT}
    )
    since = max(cursor.events_read_until - _EVENTS_LATE, now - EVENTS_KEPT)
    seen = 0
    for news in provider.events_since(since):
        store_event(news=news, now=now)
        seen += 1
    ProviderCursor.objects.filter(pk=cursor.pk).update(events_read_until=now)
    return seen


def apply_waiting_events(provider: CardProvider, now: datetime) -> int:
    """Those that failed least often first, so that one which never succeeds delays no other."""
    waiting = ProviderEvent.objects.filter(provider=STRIPE, applied_at=None).order_by("failures", "received_at", "pk")
    return sum(apply_event(provider=provider, event=event, now=now) for event in waiting[:_BATCH])


def read_open_attempts(provider: CardProvider, now: datetime) -> int:
    """Each open attempt, as its page stands. One whose call got no answer is called for again, with its key; one whose
    parcels are all cancelled is closed, at once.
    """
    rested = Q(checked_at=None, created_at__lte=now - ATTEMPT_RESTS) | Q(checked_at__lte=now - ATTEMPT_RESTS)
    unpaid = Parcel.objects.filter(order_id=OuterRef("order_id"), status__in=CANCELLABLE, paid_at=None)
    attempts = (
        PaymentAttempt.objects.filter(rested | ~Exists(unpaid), provider=STRIPE, status__in=OPEN)
        .select_related("order__user")
        .order_by(F("checked_at").asc(nulls_first=True), "pk")
    )
    seen = unanswered = 0
    for attempt in attempts[:_BATCH]:
        if unanswered == MISSES:
            break
        try:
            _read(provider, attempt, now)
            seen += 1
        except DomainError as error:
            logger.warning("Attempt %s could not be read: %s", attempt.pk, error.code)
            PaymentAttempt.objects.filter(pk=attempt.pk).update(checked_at=now, last_error=error.code)
            unanswered += isinstance(error, ProviderUnavailableError)
    return seen


def read_missing_fees(provider: CardProvider, now: datetime) -> int:
    """What Stripe kept of a payment may be settled after the payment."""
    paid = PaymentAttempt.objects.filter(provider=STRIPE, finished_at__gt=now - _FEES_LATE).exclude(payment_id="")
    by_key = {fee_key(attempt.payment_id): attempt for attempt in paid}
    known = set(Transaction.objects.filter(key__in=by_key).values_list("key", flat=True))
    missing = [attempt for key, attempt in by_key.items() if key not in known][:_BATCH]
    for attempt in missing:
        page = provider.read_page(attempt.external_id)
        post_fee(payment_id=page.payment_id, fee=page.fee, now=now)
    return len(missing)


def _read(provider: CardProvider, attempt: PaymentAttempt, now: datetime) -> None:
    is_wanted = Parcel.objects.filter(pk__in=attempt.share_of, status__in=CANCELLABLE, paid_at=None).exists()
    try:
        if is_wanted:
            read_attempt(provider=provider, attempt=attempt, now=now)
        else:
            close_attempt(provider=provider, attempt=attempt, now=now)
    except ProviderRefusedError as error:
        # The attempt has ended; "Pay now" makes another one.
        logger.warning("Attempt %s was refused: %s", attempt.pk, error.code)


def _isolated(part: Callable[[CardProvider, datetime], int], provider: CardProvider, now: datetime) -> int:
    try:
        return part(provider, now)
    except DomainError as error:
        logger.warning("Reconciling: %s waits: %s", part.__name__, error.code)
        return 0
    except Exception:
        logger.exception("Reconciling: %s failed, the other parts go on", part.__name__)
        return 0


def _raise_alarm(now: datetime) -> None:
    late = now - ALARM_AFTER
    events = ProviderEvent.objects.filter(applied_at=None, received_at__lt=late).count()
    past_hold = PaymentAttempt.objects.filter(
        provider=STRIPE, status__in=OPEN, order__parcels__hold_expires_at__lt=late
    )
    attempts = past_hold.distinct().count()
    if events or attempts:
        logger.error("Unreconciled for 15 minutes: %d events, %d attempts past their hold", events, attempts)
