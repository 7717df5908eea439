"""Which status of a parcel may follow which, and what each means for its stock and for its order."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.order.models import Parcel

Status = Parcel.Status
PaymentStatus = Parcel.PaymentStatus

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.PLACED: frozenset({Status.CONFIRMED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.PACKED, Status.CANCELLED}),
    Status.PACKED: frozenset({Status.SHIPPED, Status.READY}),
    # Not fetched in the end, the goods go back on the shelf.
    Status.READY: frozenset({Status.DELIVERED, Status.RETURNED}),
    Status.SHIPPED: frozenset({Status.DELIVERED, Status.DELIVERY_FAILED}),
    Status.DELIVERY_FAILED: frozenset({Status.SHIPPED, Status.RETURNING}),
    Status.RETURNING: frozenset({Status.RETURNED}),
    Status.DELIVERED: frozenset({Status.RETURNED}),
    Status.RETURNED: frozenset(),
    Status.CANCELLED: frozenset(),
}

# Placed orders hold stock until it is sent.
HOLDS_STOCK = frozenset({Status.PLACED, Status.CONFIRMED, Status.PACKED, Status.READY})
# Until it is packed, the buyer may cancel it alone.
CANCELLABLE = frozenset(status for status, following in TRANSITIONS.items() if Status.CANCELLED in following)
NOTHING_DUE = frozenset({Status.CANCELLED, Status.RETURNING, Status.RETURNED})
RETURN_WINDOW = timedelta(days=settings.RETURN_WINDOW_DAYS)
# How long goods are held for a parcel to be paid in advance.
HOLDS: dict[str, timedelta] = {
    Parcel.PaymentMethod.TRANSFER: timedelta(hours=24),
    # Stripe's page to pay on lives for at least 30 minutes; the rest is for its last answer.
    Parcel.PaymentMethod.CARD: timedelta(minutes=35),
}


class OrderStatus(models.TextChoices):
    """An order's status, derived from those of its parcels."""

    PLACED = "placed", _("Placed")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")


class CancelReason(models.TextChoices):
    BUYER = "buyer", _("The buyer cancelled it")
    UNPAID = "unpaid", _("It was not paid in time")
    NOT_CONFIRMED = "not_confirmed", _("The cooperative did not confirm it in time")
    OUT_OF_STOCK = "out_of_stock", _("The goods ran out")
    NO_ANSWER = "no_answer", _("The buyer could not be reached")
    CANNOT_DELIVER = "cannot_deliver", _("We cannot deliver there")
    OTHER = "other", _("Another reason")


class FailureReason(models.TextChoices):
    NOBODY_HOME = "nobody_home", _("Nobody was there")
    WRONG_ADDRESS = "wrong_address", _("The address is wrong")
    REFUSED = "refused", _("Refused at the door")
    OTHER = "other", _("Another reason")


class ShortReason(models.TextChoices):
    """Why less was packed than was ordered."""

    RAN_OUT = "ran_out", _("There was not enough")
    SPOILT = "spoilt", _("Some of it was not good enough")
    ASKED = "asked", _("The buyer asked for less")
    OTHER = "other", _("Another reason")


class NotWeighedError(DomainError):
    code = "not_weighed"
    message = _("%(title)s is weighed when it is packed: enter what it weighs.")


class TransitionNotAllowedError(DomainError):
    code = "transition_not_allowed"
    message = _("Parcel %(number)s is “%(current)s”: it cannot become “%(wanted)s”.")


class ReturnWindowOverError(DomainError):
    code = "return_window_over"
    message = _("Parcel %(number)s was delivered more than %(days)s days ago.")


class ReasonUnknownError(DomainError):
    code = "reason_unknown"
    message = _("Choose a reason.")


def require_transition(parcel: Parcel, to_status: str) -> None:
    """Raises TransitionNotAllowedError."""
    if to_status not in TRANSITIONS[parcel.status]:
        raise TransitionNotAllowedError(
            number=parcel.number.upper(), current=parcel.get_status_display(), wanted=Status(to_status).label
        )


def amount_due(parcel: Parcel) -> int:
    """What the buyer still has to pay for the parcel, in đồng. What was refunded is not asked for again."""
    if parcel.status in NOTHING_DUE:
        return 0
    return max(0, int(parcel.total - parcel.amount_received))


def is_payable(parcel: Parcel) -> bool:
    """Whether money is still due for the parcel."""
    return parcel.status not in NOTHING_DUE and parcel.paid_at is None


def payment_status_of(parcel: Parcel) -> str:
    """What its sums of money make of the parcel's payment."""
    received, refunded = parcel.amount_received, parcel.amount_refunded
    if refunded:
        return PaymentStatus.REFUNDED if refunded >= received else PaymentStatus.PART_REFUNDED
    if parcel.paid_at is not None:
        return PaymentStatus.PAID
    if received:
        return PaymentStatus.PART_PAID
    return PaymentStatus.AWAITING if parcel.hold_expires_at else PaymentStatus.UNPAID


def is_sale(parcel: Parcel) -> bool:
    """Whether the parcel is delivered and was paid in full: only then it is trade."""
    return parcel.status == Status.DELIVERED and parcel.paid_at is not None


def order_status(parcel_statuses: Collection[str]) -> str:
    """What the statuses of an order's parcels make of the order."""
    if all(status == Status.CANCELLED for status in parcel_statuses):
        return OrderStatus.CANCELLED
    kept = {status for status in parcel_statuses if status != Status.CANCELLED}
    if kept == {Status.PLACED}:
        return OrderStatus.PLACED
    if kept == {Status.RETURNED}:
        return OrderStatus.RETURNED
    if kept == {Status.DELIVERED}:
        return OrderStatus.COMPLETED
    return OrderStatus.IN_PROGRESS
