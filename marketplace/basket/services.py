"""Filling, merging and emptying a basket. People say units ("1,5 kg"); a line keeps steps.

A basket holds no stock: what a line asks for is compared with what is free now, and again when the order is placed.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from cooperatives.partner.selectors import PurchaseFacts, purchase_info_for_listings
from marketplace.basket.models import Basket, Line
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.common.quantities import (
    format_quantity,
    quantity_from_steps,
    require_whole_units,
    steps_from_quantity,
)
from marketplace.common.writing import insert_all
from marketplace.offer.selectors import voucher_problem, vouchers_with_offers
from marketplace.users.models import User

MAXIMUM_LINES = 100


class BasketError(DomainError):
    code = "basket"


class NotOnSaleError(BasketError):
    code = "not_on_sale"
    message = _("This is not on sale now.")


class OnlyLeftError(BasketError):
    code = "only_left"
    message = _("Only %(left)s left.")


class OnlyLeftWithBasketError(BasketError):
    code = "only_left_with_basket"
    message = _("Only %(left)s left, and your basket already holds %(held)s.")


class BasketFullError(BasketError):
    code = "basket_full"
    message = _("A basket holds at most %(maximum)s different goods.")


class VoucherUnknownError(BasketError):
    code = "voucher_unknown"
    message = _("There is no code “%(typed)s”. Look at it again.")


class VoucherRefusedError(BasketError):
    """`problem` is a sentence."""

    code = "voucher_refused"
    message = "%(problem)s"


class BasketClosedError(BasketError):
    code = "basket_closed"
    message = _("This basket was already ordered.")


def add_to_basket(*, basket: Basket, listing: Product, quantity: Decimal, on: date) -> Line:
    """Adds so many units to what the basket already holds of the listing; saves a basket that is new.

    Raises QuantityError, NotOnSaleError, OnlyLeftError, OnlyLeftWithBasketError, BasketFullError or BasketClosedError;
    then nothing is changed.
    """
    steps = _steps(listing, quantity)
    facts = _facts(listing, on)
    with transaction.atomic():
        lines: dict[int, Line] = {}
        if basket.pk is None:
            insert_all([basket])
        else:
            _lock_open(basket)
            lines = {line.product_id: line for line in Line.objects.filter(basket=basket)}
        line = lines.get(listing.pk)
        _require_free(listing, facts, steps, held=line.quantity if line else 0)
        if line is None:
            if len(lines) >= MAXIMUM_LINES:
                raise BasketFullError(maximum=MAXIMUM_LINES)
            return _new_line(basket, facts, steps)
        line.basket = basket
        line.quantity += steps
        line.save(update_fields=["quantity", "date_updated"])
        return line


def set_quantity(*, basket: Basket, line_id: int, quantity: Decimal, on: date) -> Line:
    """Raises Line.DoesNotExist for a line of another basket, and otherwise as add_to_basket does."""
    with transaction.atomic():
        _lock_open(basket)
        line = Line.objects.select_related("product").get(pk=line_id, basket=basket)
        steps = _steps(line.product, quantity)
        _require_free(line.product, _facts(line.product, on), steps, held=0)
        line.basket = basket
        line.quantity = steps
        line.save(update_fields=["quantity", "date_updated"])
    return line


def remove_line(*, basket: Basket, line_id: int) -> None:
    """Removes a line; one that is already gone stays gone. Raises BasketClosedError."""
    with transaction.atomic():
        _lock_open(basket)
        Line.objects.filter(pk=line_id, basket=basket).delete()


def accept_changes(*, basket: Basket, on: date) -> None:
    """The buyer has seen what changed: prices as they are now, no more than what is left, and nothing that is gone.

    Raises BasketClosedError.
    """
    with transaction.atomic():
        _lock_open(basket)
        lines = list(Line.objects.filter(basket=basket).order_by("pk"))
        facts = purchase_info_for_listings([line.product_id for line in lines], on=on)
        gone = []
        for line in lines:
            fact = facts.get(line.product_id)
            if fact is None or not fact.is_buyable:
                gone.append(line.pk)
                continue
            line.quantity = min(line.quantity, fact.free_steps)
            line.price_excl_tax = line.price_incl_tax = fact.step_price
        Line.objects.filter(pk__in=gone).delete()
        kept = [line for line in lines if line.pk not in gone]
        Line.objects.bulk_update(kept, ["quantity", "price_excl_tax", "price_incl_tax"])


def merge_basket(*, into: Basket, guest: Basket, now: datetime) -> list[Product]:
    """Moves a guest's goods into the person's own basket, the same listing's together. The guest's is then closed.

    Returns the listings of which less is left than both held together: as much as is left is kept. A guest's basket
    that is no longer open, and goods beyond MAXIMUM_LINES, add nothing.
    """
    with transaction.atomic():
        rows = {row.pk: row for row in locked(Basket.objects.filter(pk__in=[into.pk, guest.pk]))}
        source = rows.get(guest.pk)
        if source is None or source.status != Basket.OPEN:
            return []
        capped = _move_lines(source, into, local_day(now))
        if not into.vouchers.exists():
            into.vouchers.set(source.vouchers.all())
        source.vouchers.clear()
        Basket.objects.filter(pk=source.pk).update(status=Basket.MERGED, date_merged=now)
    return capped


def use_voucher(*, basket: Basket, code: str, owner: User | None, now: datetime) -> None:
    """Puts the voucher into the basket, in the place of another. Raises VoucherUnknownError, VoucherRefusedError or
    BasketClosedError; then the basket is as it was.
    """
    voucher = vouchers_with_offers().filter(code=code.strip().upper()).first()
    if voucher is None:
        raise VoucherUnknownError(typed=code)
    if problem := voucher_problem(voucher, owner=owner, now=now):
        raise VoucherRefusedError(problem=problem)
    with transaction.atomic():
        _lock_open(basket)
        basket.vouchers.set([voucher])


def drop_vouchers(*, basket: Basket) -> None:
    """Raises BasketClosedError."""
    with transaction.atomic():
        _lock_open(basket)
        basket.vouchers.clear()


def _move_lines(source: Basket, into: Basket, on: date) -> list[Product]:
    held = {line.product_id: line for line in Line.objects.filter(basket=into)}
    moved = list(Line.objects.filter(basket=source).select_related("product").order_by("date_created", "pk"))
    facts = purchase_info_for_listings([line.product_id for line in moved], on=on)
    capped = []
    for line in moved:
        own, fact = held.get(line.product_id), facts.get(line.product_id)
        if own is None:
            if len(held) < MAXIMUM_LINES:
                Line.objects.filter(pk=line.pk).update(basket=into)
                held[line.product_id] = line
            continue
        # What is gone altogether is kept as it was: the basket says so of each line.
        together = own.quantity + line.quantity
        free = fact.free_steps if fact and fact.is_buyable else own.quantity
        if together > free:
            capped.append(line.product)
        Line.objects.filter(pk=own.pk).update(quantity=max(own.quantity, min(together, free)))
    Line.objects.filter(basket=source).delete()
    return capped


def _steps(listing: Product, quantity: Decimal) -> int:
    require_whole_units(quantity, listing.sale_unit)
    return steps_from_quantity(quantity, listing.step, listing.sale_unit)


def _facts(listing: Product, on: date) -> PurchaseFacts:
    facts = purchase_info_for_listings([listing.pk], on=on).get(listing.pk)
    if facts is None or not facts.is_buyable:
        raise NotOnSaleError
    return facts


def _require_free(listing: Product, facts: PurchaseFacts, steps: int, *, held: int) -> None:
    if steps + held <= facts.free_steps:
        return
    left = _in_units(listing, facts.free_steps)
    if held:
        raise OnlyLeftWithBasketError(left=left, held=_in_units(listing, held))
    raise OnlyLeftError(left=left)


def _in_units(listing: Product, steps: int) -> str:
    return format_quantity(quantity_from_steps(steps, listing.step), listing.sale_unit)


def _new_line(basket: Basket, facts: PurchaseFacts, steps: int) -> Line:
    line = Line(
        basket=basket,
        product_id=facts.listing_id,
        stockrecord_id=facts.stockrecord_id,
        # Oscar's own form of it, for a good without options.
        line_reference=f"{facts.listing_id}_{facts.stockrecord_id}",
        quantity=steps,
        price_excl_tax=facts.step_price,
        price_incl_tax=facts.step_price,
    )
    insert_all([line])
    return line


def _lock_open(basket: Basket) -> None:
    rows = locked(Basket.objects.filter(pk=basket.pk))
    if not rows or rows[0].status != Basket.OPEN:
        raise BasketClosedError
