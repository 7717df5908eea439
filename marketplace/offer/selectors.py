"""Which offers stand open to a basket, and why a voucher does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from oscar.apps.voucher.models import Voucher

from marketplace.common.dates import ZONE
from marketplace.offer.models import Benefit, ConditionalOffer
from marketplace.users.models import User

# Delivery is each cooperative's own to charge.
_ON_GOODS = ~Q(benefit__type__in=(Benefit.SHIPPING_ABSOLUTE, Benefit.SHIPPING_FIXED_PRICE, Benefit.SHIPPING_PERCENTAGE))


@dataclass(frozen=True)
class BasketVoucher:
    """A voucher that was put into the basket; `problem` says why it gives nothing, empty when it may."""

    voucher: Any
    problem: str = ""


@dataclass(frozen=True)
class OpenOffers:
    """Offers that may be applied now, and the basket's vouchers with what is wrong with them."""

    offers: Sequence[ConditionalOffer] = ()
    vouchers: Sequence[BasketVoucher] = ()


def any_open_offer() -> Exists:
    """Whether there is an offer for everybody, its days aside: a condition that is the same for every row."""
    return Exists(ConditionalOffer.objects.filter(offer_type=ConditionalOffer.SITE, status=ConditionalOffer.OPEN))


def any_voucher(basket_path: str, through: Any) -> Exists:
    """Whether the basket that the path leads to holds a voucher; `through` joins baskets and vouchers."""
    return Exists(through.objects.filter(basket_id=OuterRef(basket_path)))


def offers_for(*, basket_id: int, owner: User | None, now: datetime) -> OpenOffers:
    """At most three queries, and those of Oscar's limits by person and by use where an offer or a voucher has them."""
    vouchers = [
        BasketVoucher(voucher, voucher_problem(voucher, owner=owner, now=now)) for voucher in _vouchers_of(basket_id)
    ]
    offers = [offer for offer in _site_offers(now) if offer.get_max_applications(owner)]
    for held in vouchers:
        if not held.problem:
            offers += _offers_of(held.voucher, owner)
    return OpenOffers(offers, vouchers)


def voucher_problem(voucher: Voucher, *, owner: User | None, now: datetime) -> str:
    """Why the voucher cannot be used; empty when it can, by this person, as far as the goods allow it."""
    if now < voucher.start_datetime:
        said = {"day": formats.date_format(voucher.start_datetime.astimezone(ZONE), "d/m/Y")}
        return _("This code can be used from %(day)s on.") % said
    if now > voucher.end_datetime:
        said = {"day": formats.date_format(voucher.end_datetime.astimezone(ZONE), "d/m/Y")}
        return _("This code ended on %(day)s.") % said
    if voucher.usage == Voucher.ONCE_PER_CUSTOMER and owner is None:
        return _("This code is for people with an account. Log in to use it.")
    is_available, _message = voucher.is_available_to_user(owner or AnonymousUser())
    if not is_available and voucher.usage == Voucher.ONCE_PER_CUSTOMER:
        return _("You have used this code already.")
    if not is_available or not _offers_of(voucher, owner):
        return _("This code is used up.")
    return ""


def vouchers_with_offers() -> QuerySet[Voucher, Any]:
    """For `voucher_problem` and for reckoning: one query, and one for the offers."""
    offers = _with_rules(ConditionalOffer.objects.filter(_ON_GOODS, offer_type=ConditionalOffer.VOUCHER))
    return Voucher.objects.prefetch_related(Prefetch("offers", offers.order_by("-priority", "pk")))


def _vouchers_of(basket_id: int) -> list[Voucher]:
    return list(vouchers_with_offers().filter(basket=basket_id).order_by("pk"))


def _offers_of(voucher: Voucher, owner: User | None) -> list[ConditionalOffer]:
    """The offers behind a voucher that are not used up."""
    offers = [offer for offer in voucher.offers.all() if not offer.is_suspended and offer.get_max_applications(owner)]
    for offer in offers:
        offer.set_voucher(voucher)
    return offers


def _site_offers(now: datetime) -> list[ConditionalOffer]:
    offers = ConditionalOffer.objects.filter(
        _ON_GOODS,
        Q(start_datetime=None) | Q(start_datetime__lte=now),
        Q(end_datetime=None) | Q(end_datetime__gte=now),
        offer_type=ConditionalOffer.SITE,
        status=ConditionalOffer.OPEN,
    )
    return list(_with_rules(offers).order_by("-priority", "pk"))


def _with_rules(offers: QuerySet[ConditionalOffer, Any]) -> QuerySet[ConditionalOffer, Any]:
    return offers.select_related("condition__range", "benefit__range")
