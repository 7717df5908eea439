"""Whether an order may go to somebody else: only where that changes neither what it costs nor how it is paid."""

from datetime import datetime
from typing import cast

from django.utils.translation import gettext_lazy as _

from cooperatives.places.models import AdministrativeUnit
from marketplace.common.errors import DomainError
from marketplace.order.amending import Recipient, change_recipient
from marketplace.order.models import Order, OrderChange, Parcel, ShippingAddress
from marketplace.order.states import Status, is_payable
from marketplace.payment.terms import REFUSALS_BORNE, refusals_of
from marketplace.shipping.rates import Charge, Destination, charge_of
from marketplace.shipping.selectors import Offered, offers_of
from marketplace.shipping.weights import line_grams
from marketplace.users.models import User


class ChargeChangesError(DomainError):
    code = "charge_changes"
    message = _(
        "To %(commune)s the delivery by %(cooperative)s costs or takes something else. Cancel the order and order again."
    )


class PhonePaysAheadError(DomainError):
    # Said without its cause: who types somebody else's number learns nothing of them.
    code = "phone_pays_ahead"
    message = _("With this phone number, please pay in advance: cancel the order and order again.")


def move_order(*, order: Order, recipient: Recipient, by: User | None, now: datetime) -> list[OrderChange]:
    """What was changed. The order's address, parcels and lines are loaded.

    Raises ChargeChangesError, PhonePaysAheadError or PackedAlreadyError; then nothing is changed.
    """
    parcels = [parcel for parcel in order.parcels.all() if parcel.status != Status.CANCELLED]
    address = cast("ShippingAddress", order.shipping_address)
    if address.commune is not None and address.commune.pk != recipient.commune.pk:
        _require_same_charges(parcels, address.commune, recipient.commune)
    in_cash = any(
        parcel.payment_method == Parcel.PaymentMethod.CASH_ON_DELIVERY and is_payable(parcel) for parcel in parcels
    )
    is_new_phone = recipient.phone not in {str(order.buyer_phone), str(address.phone_number or "")}
    if in_cash and is_new_phone and refusals_of(recipient.phone, now=now) > REFUSALS_BORNE:
        raise PhonePaysAheadError
    return change_recipient(order=order, recipient=recipient, by=by, now=now)


def _require_same_charges(parcels: list[Parcel], was: AdministrativeUnit, becomes: AdministrativeUnit) -> None:
    """By the charges of today, of the way that the parcel goes; one that is no longer offered cannot be compared."""
    offered = offers_of(parcel.cooperative_id for parcel in parcels)
    for parcel in parcels:
        if parcel.delivery_kind == Parcel.DeliveryKind.PICKUP:
            continue
        before, after = (_charge(parcel, offered[parcel.cooperative_id], unit) for unit in (was, becomes))
        if before is None or after is None or _terms(before) != _terms(after):
            raise ChargeChangesError(commune=becomes.name, cooperative=parcel.cooperative.short_name)


def _charge(parcel: Parcel, offered: Offered, unit: AdministrativeUnit) -> Charge | None:
    for method in offered.methods:
        if (method.kind, method.name) == (parcel.delivery_kind, parcel.delivery_name):
            weight = sum(line_grams(line.product, line.quantity) for line in parcel.lines.all() if line.product)
            return charge_of(
                method,
                destination=Destination(unit.pk, unit.province_id, unit.name),
                weight_g=weight,
                goods_total=int(parcel.goods_total),
            )
    return None


def _terms(charge: Charge) -> tuple[int, ...]:
    """What was promised: the amount and the days on the way."""
    return (charge.amount, *((charge.zone.days_min, charge.zone.days_max) if charge.zone else ()))
