"""What was really packed: true weights, and less than was ordered. The parcel then costs what is in it.

Lighter goods are charged on their true weight. Heavier ones within the line's tolerance cost a prepaid buyer what was
ordered and a cash buyer what they weigh. Beyond it the buyer is asked, by a signed link that lives for CONSENT_WINDOW;
without a yes in time the ordered weight is packed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cooperatives.partner import services as stock
from marketplace.common.errors import DomainError
from marketplace.common.locks import BusyError
from marketplace.common.quantities import DECIMALS, format_quantity, steps_from_quantity
from marketplace.order import emails_packing as emails
from marketplace.order.charges import Charge, charge_for, write_charge
from marketplace.order.locks import lock_order_of
from marketplace.order.models import Line, Order, Parcel, WeightConsent
from marketplace.order.services import transition
from marketplace.order.signals import parcel_recharged
from marketplace.order.states import (
    NotWeighedError,
    ShortReason,
    Status,
    TransitionNotAllowedError,
    is_payable,
    require_transition,
)
from marketplace.outbox.services import enqueue_all
from marketplace.users.models import User

CONSENT_WINDOW = timedelta(hours=12)
# No scale errs by so much: a slip of the keys, 15 for 1,5.
HEAVIEST = 4
LIGHTER, SHORT = "lighter", "short"
Answer = WeightConsent.Answer


class PackingError(DomainError):
    """`line_id` names the line that is meant; None for the parcel."""

    code = "packing"

    def __init__(self, *, line_id: int | None = None, **said: str | Promise | None) -> None:
        super().__init__(**said)
        self.line_id = line_id


class PackedTooMuchError(PackingError):
    code = "packed_too_much"
    message = _("%(ordered)s were ordered: not more can be packed.")


class WeightImplausibleError(PackingError):
    code = "weight_implausible"
    message = _("%(ordered)s were ordered: check the weight that you entered.")


class PackedNotInStepsError(PackingError):
    code = "packed_not_in_steps"
    message = _("This is sold by %(step)s: enter a multiple of it.")


class NothingPackedError(PackingError):
    code = "nothing_packed"
    message = _("Nothing would be in the parcel. Cancel it instead, and say why.")


class ShortReasonMissingError(PackingError):
    code = "short_reason_missing"
    message = _("Choose why there is less than was ordered.")


class NotPaidYetError(PackingError):
    code = "not_paid_yet"
    message = _("This parcel is paid in advance, and is not paid yet: pack it when the money has come.")


class AskedAlreadyError(PackingError):
    code = "asked_already"
    message = _("The buyer has been asked about this weight.")


class ConsentOverError(PackingError):
    code = "consent_over"
    message = _("This question has been settled: %(answer)s.")


@transaction.atomic
def pack_as(
    *,
    parcel: Parcel,
    packed: Mapping[int, Decimal],
    by: User | None,
    now: datetime,
    reason: str = "",
    is_written_off: bool = False,
    note: str = "",
) -> Parcel:
    """Packs what `packed` says, in units by the line's key: the weight of what is weighed, and less than ordered of the
    rest. Lines that it does not name are packed as ordered.

    What is missing goes back on the shelf, or is written off. The parcel is packed, unless the buyer has to be asked
    about a weight: then it stays confirmed, and the other lines are settled. Raises PackingError or
    TransitionNotAllowedError, with nothing changed.
    """
    order, parcel, parcels = lock_order_of(parcel)
    require_transition(parcel, Status.PACKED)
    lines = list(Line.objects.filter(parcel=parcel).order_by("pk"))
    is_short = False
    missing: dict[int, int] = {}
    asked: list[WeightConsent] = []
    for line in lines:
        units = packed.get(line.pk)
        if line.packed_units is not None or (units is None and not line.is_weighed):
            continue
        _require_possible(line, units)
        units = units or Decimal(0)
        if line.is_weighed and units > _heaviest_without_asking(line):
            asked.append(_ask(line, units, by, now))
        elif line.is_weighed and units:
            write_charge(line, _charge_weighed(parcel, line, units), units)
        elif units < line.units:
            _pack_less(line, units, missing)
            is_short = True
    if not any(line.packed_units is None or line.packed_units for line in lines):
        raise NothingPackedError
    if is_short and reason not in ShortReason.values:
        raise ShortReasonMissingError
    (stock.consume if is_written_off else stock.release)(missing)
    goods = _goods_of(parcel)
    if goods != parcel.goods_total or asked:
        _require_paid(parcel)
        _settle_totals(order, parcel, parcels, goods, SHORT if is_short else LIGHTER, now)
    if asked:
        enqueue_all(emails.asked(order, parcel, asked), now=now)
        return parcel
    return transition(
        parcel=parcel,
        to_status=Status.PACKED,
        by=by,
        now=now,
        reason=reason if is_short else "",
        note=_told(lines, note) if is_short else note,
    )


def record_weights(*, parcel: Parcel, weights: Mapping[int, Decimal], by: User | None, now: datetime) -> Parcel:
    """The parcel packed with the true weights of what is weighed, by the line's key. See `pack_as`."""
    return pack_as(parcel=parcel, packed=weights, by=by, now=now)


def answer_consent(*, consent: WeightConsent, is_accepted: bool, now: datetime) -> WeightConsent:
    """The buyer's answer, once. Raises ConsentOverError when it was given, or comes too late."""
    with transaction.atomic():
        order, parcel, parcels = lock_order_of(_parcel_of(consent))
        consent = _consent(consent.pk)
        if consent.answer or parcel.status != Status.CONFIRMED:
            raise ConsentOverError(answer=consent.get_answer_display() or parcel.get_status_display())
        if now < consent.expires_at:
            _close(consent, Answer.ACCEPTED if is_accepted else Answer.DECLINED, order, parcel, parcels, now)
            return consent
    raise ConsentOverError(answer=Answer.EXPIRED.label)


def expire_consents(*, now: datetime) -> int:
    """Settles what no buyer answered in time: the ordered weight is packed. How many."""
    due = WeightConsent.objects.filter(answer="", expires_at__lte=now).order_by("expires_at", "pk")
    return sum(_expire(consent, now) for consent in due.select_related("line__parcel"))


def _expire(consent: WeightConsent, now: datetime) -> bool:
    try:
        with transaction.atomic():
            order, parcel, parcels = lock_order_of(_parcel_of(consent))
            consent = _consent(consent.pk)
            if consent.answer:
                return False
            _close(consent, Answer.EXPIRED, order, parcel, parcels, now)
            return True
    except BusyError:
        return False


def _close(
    consent: WeightConsent, answer: str, order: Order, parcel: Parcel, parcels: list[Parcel], now: datetime
) -> None:
    consent.answer, consent.answered_at = answer, now
    consent.save(update_fields=["answer", "answered_at"])
    if parcel.status != Status.CONFIRMED:
        # Cancelled meanwhile.
        return
    line = consent.line
    units = consent.weight if answer == Answer.ACCEPTED else line.units
    write_charge(line, charge_for(line, units), units)
    _settle_totals(order, parcel, parcels, _goods_of(parcel), LIGHTER, now)
    enqueue_all(emails.answered(parcel, consent, now), now=now)


def _require_possible(line: Line, units: Decimal | None) -> None:
    if line.is_weighed and WeightConsent.objects.filter(line=line).exists():
        raise AskedAlreadyError(line_id=line.pk)
    if units is None:
        raise NotWeighedError(title=line.title)
    ordered = format_quantity(line.units, line.sale_unit)
    if units < 0 or units != round(units, DECIMALS):
        raise ValueError(units)
    if line.is_weighed:
        if units > HEAVIEST * line.units:
            raise WeightImplausibleError(line_id=line.pk, ordered=ordered)
        return
    if units > line.units:
        raise PackedTooMuchError(line_id=line.pk, ordered=ordered)
    if units % line.step:
        raise PackedNotInStepsError(line_id=line.pk, step=format_quantity(line.step, line.sale_unit))


def _heaviest_without_asking(line: Line) -> Decimal:
    return line.units * (100 + line.tolerance_percent) / 100


def _charge_weighed(parcel: Parcel, line: Line, weight: Decimal) -> Charge:
    is_prepaid = parcel.payment_method != Parcel.PaymentMethod.CASH_ON_DELIVERY
    return charge_for(line, min(weight, line.units) if is_prepaid else weight)


def _pack_less(line: Line, units: Decimal, missing: dict[int, int]) -> None:
    """Writes the line, and adds the steps that are not sent to those of its stock record."""
    charge = charge_for(line, units)
    steps = steps_from_quantity(units, line.step) if units else 0
    if line.stockrecord_id is not None:
        missing[line.stockrecord_id] = missing.get(line.stockrecord_id, 0) + line.num_allocated - steps
    line.num_allocated = steps
    write_charge(line, charge, units)


def _ask(line: Line, weight: Decimal, by: User | None, now: datetime) -> WeightConsent:
    return WeightConsent.objects.create(
        line=line,
        weight=weight,
        charge=charge_for(line, weight).total,
        requested_at=now,
        requested_by=by,
        expires_at=now + CONSENT_WINDOW,
    )


def _goods_of(parcel: Parcel) -> Decimal:
    return sum(Line.objects.filter(parcel=parcel).values_list("line_price_incl_tax", flat=True), Decimal(0))


def _require_paid(parcel: Parcel) -> None:
    """A buyer who has yet to pay was told the sum: it must not change under the payment."""
    is_prepaid = parcel.payment_method != Parcel.PaymentMethod.CASH_ON_DELIVERY
    if is_prepaid and is_payable(parcel) and not parcel.amount_received:
        raise NotPaidYetError


def _settle_totals(
    order: Order, parcel: Parcel, parcels: list[Parcel], goods: Decimal, reason: str, now: datetime
) -> None:
    """Brings parcel and order into line with the lines, and tells the layers above. The caller holds the locks."""
    was_total = int(parcel.total)
    parcel.goods_total, parcel.total = goods, goods + parcel.delivery_charge
    parcel.save(update_fields=["goods_total", "total"])
    order.total_incl_tax = order.total_excl_tax = sum((other.total for other in parcels), Decimal(0))
    order.save(update_fields=["total_incl_tax", "total_excl_tax"])
    parcel_recharged.send(Parcel, order=order, parcel=parcel, reason=reason, now=now, key=f"packing:{uuid4().hex[:12]}")
    if was_total != parcel.total:
        enqueue_all(emails.recharged(order, parcel, was_total, now), now=now)


def _told(lines: list[Line], note: str) -> str:
    """What is missing, for the record."""
    short = [
        f"{line.title}: {format_quantity(line.packed_units, line.sale_unit)}/{format_quantity(line.units, line.sale_unit)}"
        for line in lines
        if line.packed_units is not None and line.packed_units < line.units and not line.is_weighed
    ]
    return "; ".join([*short, *([note] if note else [])])[:300]


def _parcel_of(consent: WeightConsent) -> Parcel:
    parcel = consent.line.parcel
    if parcel is None:
        raise TransitionNotAllowedError
    return parcel


def _consent(pk: int) -> WeightConsent:
    return WeightConsent.objects.select_for_update(of=("self",)).select_related("line").get(pk=pk)
