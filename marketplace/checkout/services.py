"""The way from a basket to an order: everything is written first, and in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from cooperatives.partner.services import StockShortError
from marketplace.basket.models import Basket
from marketplace.checkout import usage
from marketplace.checkout.drafts import drafts_of
from marketplace.checkout.payments import PaymentWish
from marketplace.checkout.quotes import Quote, quote_basket
from marketplace.checkout.usage import VoucherGoneError
from marketplace.common.errors import DomainError
from marketplace.common.locks import BusyError
from marketplace.common.money import format_vnd
from marketplace.common.quantities import format_quantity, quantity_from_steps
from marketplace.common.writing import PreparedUpdate
from marketplace.order.evidence import record_buyer
from marketplace.order.models import Order
from marketplace.order.placing import Address, Buyer, InvoiceTo, write_order
from marketplace.payment.attempts import open_attempts
from marketplace.users.models import User

# Oscar's amounts have ten digits before the point.
MAXIMUM_TOTAL = 9_999_999_999
# A new number may, once in a very long while, be an old one.
_TRIES = 3


class CheckoutError(DomainError):
    """Nothing was placed, and the token stays good."""

    code = "checkout"


class EmptyBasketError(CheckoutError):
    code = "empty_basket"
    message = _("Your basket is empty.")


class PriceChangedError(CheckoutError):
    """`total` is what it costs now."""

    code = "price_changed"
    message = _("Prices have changed: the total is now %(shown)s. Look again, then order.")


class GoodsShortError(CheckoutError):
    code = "goods_short"
    message = _("%(title)s: only %(left)s left. Your basket is kept: change the quantity to go on.")


class GoodsGoneError(CheckoutError):
    code = "goods_gone"
    message = _("%(title)s is sold out. Your basket is kept: remove it to go on.")


class NoDeliveryError(CheckoutError):
    """`cooperative` sends nothing to the address; `problem` says why."""

    code = "no_delivery"
    message = "%(problem)s"


class NotTakingOrdersError(CheckoutError):
    """The cooperative's own rules: the least that is ordered, or when."""

    code = "not_taking_orders"
    message = "%(problem)s"


class DeliveryGoneError(CheckoutError):
    code = "delivery_gone"
    message = _("%(cooperative)s no longer offers the delivery that you chose. Choose again.")


class PaymentRefusedError(CheckoutError):
    """The way of paying that was asked for is not to be had."""

    code = "payment_refused"
    message = "%(cooperative)s: %(problem)s"


class TotalTooLargeError(CheckoutError):
    code = "total_too_large"
    message = _("One order may cost at most %(maximum)s. Remove some goods, and order them separately.")


@dataclass(frozen=True)
class Choices:
    """What the buyer chose, by cooperative: ids of deliveries, ways of paying, notes."""

    deliveries: Mapping[int, str] = field(default_factory=dict)
    payment: PaymentWish = field(default_factory=PaymentWish)
    notes: Mapping[int, str] = field(default_factory=dict)


def place_order(
    *,
    basket_id: int | None,
    token: UUID,
    buyer: Buyer,
    address: Address,
    seen_total: int,
    choices: Choices,
    now: datetime,
    invoice: InvoiceTo | None = None,
    rng: Random | None = None,
) -> Order:
    """The order of the basket, or the one that the token (or the basket) has already led to.

    What is to be paid in advance has its attempts, which nobody has been asked about yet. Raises EmptyBasketError,
    GoodsShortError, GoodsGoneError, NoDeliveryError, DeliveryGoneError, NotTakingOrdersError, PaymentRefusedError,
    VoucherGoneError, TotalTooLargeError, PriceChangedError or BusyError; then nothing was placed, the basket is kept and
    the token stays good.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                if not _take_basket(basket_id, buyer.user, now):
                    return _placed_before(basket_id, buyer.user, token)
                quote = _requoted(basket_id, buyer, address, seen_total, choices, now)
                order, parcels = write_order(
                    token=token,
                    basket_id=cast("int", basket_id),
                    buyer=buyer,
                    address=address,
                    parcels=drafts_of(quote, choices.notes),
                    invoice=invoice,
                    now=now,
                    rng=rng,
                )
                # After the stock, as a cancellation takes them.
                usage.claim(quote.reductions.discounts, user=buyer.user, now=now)
                usage.record(quote.reductions.discounts, order=order, user=buyer.user)
                open_attempts(order=order, parcels=parcels, now=now)
                record_buyer(order)
                return order
        except StockShortError as error:
            raise _short(basket_id, buyer.user, error, choices, now) from error
        except (CheckoutError, VoucherGoneError):
            # Somebody who sends an old form again is led to what it became, whatever the basket holds now.
            known = Order.objects.filter(placing_token=token).first()
            if known is None:
                raise
            return known
        except OperationalError as error:
            # The stock rows, or PostgreSQL's lock for buyers, were held too long.
            raise BusyError from error
        except IntegrityError:
            known = Order.objects.filter(placing_token=token).first()
            if known is not None:
                return known
            if not tries_left:
                raise
    raise EmptyBasketError


def _take_basket(basket_id: int | None, owner: User | None, now: datetime) -> bool:
    """Locks the basket and closes it at once; whether it was open. What is raised later opens it again."""
    if basket_id is None:
        return False
    return bool(_close_own(basket_id, now, owner.pk) if owner else _close_guests(basket_id, now))


def _closing(basket_id: int, now: datetime, owner_id: int | None = None) -> tuple[QuerySet[Basket], dict[str, Any]]:
    mine = Basket.objects.filter(pk=basket_id, owner=owner_id, status=Basket.OPEN)
    return mine, {"status": Basket.SUBMITTED, "date_submitted": now}


_close_own = PreparedUpdate(_closing)
_close_guests = PreparedUpdate(_closing)


def _requoted(
    basket_id: int | None, buyer: Buyer, address: Address, seen_total: int, choices: Choices, now: datetime
) -> Quote:
    quote = quote_basket(
        basket_id=basket_id,
        owner=buyer.user,
        deliveries=choices.deliveries,
        destination=address.commune,
        wish=choices.payment,
        phone=buyer.phone,
        now=now,
        status=Basket.SUBMITTED,
        with_fees=True,
    )
    _require_placeable(quote)
    if quote.total != seen_total:
        raise PriceChangedError(shown=format_vnd(quote.total), total=quote.total)
    return quote


def _placed_before(basket_id: int | None, owner: User | None, token: UUID) -> Order:
    """The order that the token led to, or another tab's order of the same basket. Raises EmptyBasketError."""
    order = Order.objects.filter(placing_token=token).first()
    if order is None and basket_id is not None:
        order = Order.objects.filter(basket=basket_id, basket__owner=owner).order_by("pk").first()
    if order is None:
        raise EmptyBasketError
    return order


def _require_placeable(quote: Quote) -> None:
    if not quote.parcels:
        raise EmptyBasketError
    for parcel in quote.parcels:
        for line in parcel.goods.lines:
            if not line.is_buyable:
                raise _shortage(line.listing, line.free_steps)
        named = parcel.goods.cooperative.short_name
        if parcel.chosen is None:
            raise NoDeliveryError(cooperative=named, problem=parcel.problems[0])
        if parcel.problems:
            raise NotTakingOrdersError(cooperative=named, problem=parcel.problems[0])
        if parcel.is_choice_lost:
            raise DeliveryGoneError(cooperative=named)
        if problem := quote.payment.parcels[parcel.goods.cooperative.pk].problem:
            raise PaymentRefusedError(cooperative=named, problem=problem)
    if quote.total > MAXIMUM_TOTAL:
        raise TotalTooLargeError(maximum=format_vnd(MAXIMUM_TOTAL))


def _short(
    basket_id: int | None, owner: User | None, error: StockShortError, choices: Choices, now: datetime
) -> CheckoutError:
    """What is left, read again after the transaction that came too late."""
    quote = quote_basket(basket_id=basket_id, owner=owner, deliveries=choices.deliveries, now=now)
    for parcel in quote.parcels:
        for line in parcel.goods.lines:
            if line.stockrecord.pk == error.stockrecord_id:
                return _shortage(line.listing, min(line.free_steps, line.steps - 1))
    return EmptyBasketError()


def _shortage(listing: Product, free_steps: int) -> CheckoutError:
    if free_steps <= 0:
        return GoodsGoneError(title=listing.title)
    left = format_quantity(quantity_from_steps(free_steps, listing.step), listing.sale_unit)
    return GoodsShortError(title=listing.title, left=left)
