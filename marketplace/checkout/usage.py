"""How often offers and vouchers were used: taken under lock with the order, given back when all of it is cancelled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from oscar.apps.voucher.models import Voucher, VoucherApplication

from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.offer.discounts import Discount
from marketplace.offer.models import ConditionalOffer
from marketplace.offer.selectors import voucher_problem, vouchers_with_offers
from marketplace.order.models import Order, OrderDiscount
from marketplace.order.states import OrderStatus
from marketplace.users.models import User


class VoucherGoneError(DomainError):
    """Somebody else had the last use meanwhile. Nothing was placed."""

    code = "voucher_gone"
    message = _("%(name)s has just been used up. Your basket is kept: look at the total again, then order.")


def claim(discounts: Sequence[Discount], *, user: User | None, now: datetime) -> None:
    """Locks the offers and vouchers and makes sure that they may still be used. No query for an order without any.

    Raises VoucherGoneError or BusyError.
    """
    if not discounts:
        return
    offers = {offer.pk: offer for offer in locked(ConditionalOffer.objects.filter(pk__in=_offer_ids(discounts)))}
    for discount in discounts:
        offer = offers.get(discount.offer.pk)
        if offer is None or offer.is_suspended or offer.get_max_applications(user) < discount.times:
            raise VoucherGoneError(name=discount.name)
    wanted = {discount.voucher.pk for discount in discounts if discount.voucher}
    if not wanted:
        return
    locked(Voucher.objects.filter(pk__in=wanted))
    # Read after the lock: what others did while we waited is seen now.
    for voucher in vouchers_with_offers().filter(pk__in=wanted):
        if voucher_problem(voucher, owner=user, now=now):
            raise VoucherGoneError(name=voucher.code)


def record(discounts: Sequence[Discount], *, order: Order, user: User | None) -> None:
    """Writes down what was given, and counts the use; the caller has claimed it. No query for an order without any."""
    OrderDiscount.objects.bulk_create(_row(order, discount) for discount in discounts)
    for discount in discounts:
        _count_offer(discount.offer.pk, times=discount.times, orders=1, amount=discount.amount)
    vouchers: dict[int, int] = {}
    for discount in discounts:
        if discount.voucher:
            vouchers[discount.voucher.pk] = vouchers.get(discount.voucher.pk, 0) + discount.amount
    for pk, amount in vouchers.items():
        Voucher.objects.filter(pk=pk).update(
            num_orders=F("num_orders") + 1, total_discount=F("total_discount") + amount
        )
    VoucherApplication.objects.bulk_create(VoucherApplication(voucher_id=pk, order=order, user=user) for pk in vouchers)


def give_back(*, order: Order, **_signal: Any) -> None:
    """Frees what an order that is cancelled as a whole had used. A receiver of `parcel_changed`."""
    if order.status != OrderStatus.CANCELLED:
        return
    used = list(OrderDiscount.objects.filter(order=order, frequency__gt=0).order_by("offer_id"))
    if not used:
        return
    locked(ConditionalOffer.objects.filter(pk__in={discount.offer_id for discount in used}))
    for discount in used:
        _count_offer(discount.offer_id or 0, times=-(discount.frequency or 0), orders=-1, amount=-int(discount.amount))
    by_voucher: dict[int, int] = {}
    for discount in used:
        if discount.voucher_id is not None:
            by_voucher[discount.voucher_id] = by_voucher.get(discount.voucher_id, 0) + int(discount.amount)
    for pk, amount in sorted(by_voucher.items()):
        Voucher.objects.filter(pk=pk).update(
            num_orders=F("num_orders") - 1, total_discount=F("total_discount") - amount
        )
    VoucherApplication.objects.filter(order=order).delete()
    # What was given stays on record; it no longer counts against anybody's limit.
    OrderDiscount.objects.filter(order=order).update(frequency=0)


def _row(order: Order, discount: Discount) -> OrderDiscount:
    return OrderDiscount(
        order=order,
        category=OrderDiscount.BASKET,
        offer_id=discount.offer.pk,
        offer_name=discount.offer.name,
        voucher_id=discount.voucher.pk if discount.voucher else None,
        voucher_code=discount.voucher.code if discount.voucher else "",
        frequency=discount.times,
        amount=discount.amount,
    )


def _count_offer(pk: int, *, times: int, orders: int, amount: int) -> None:
    offers = ConditionalOffer.objects.filter(pk=pk)
    offers.update(
        num_applications=F("num_applications") + times,
        num_orders=F("num_orders") + orders,
        total_discount=F("total_discount") + amount,
    )
    # Oscar keeps in the status whether an offer is used up.
    used_up = Q(max_global_applications__lte=F("num_applications")) | Q(max_discount__lte=F("total_discount"))
    offers.filter(used_up, status=ConditionalOffer.OPEN).update(status=ConditionalOffer.CONSUMED)
    offers.filter(~used_up, status=ConditionalOffer.CONSUMED).update(status=ConditionalOffer.OPEN)


def _offer_ids(discounts: Sequence[Discount]) -> set[int]:
    return {discount.offer.pk for discount in discounts}
