"""The signed link by which a guest follows an order, without an account, for 90 days."""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.order.models import Order

_signer = TimestampSigner(salt="marketplace.order.link")


class LinkInvalidError(DomainError):
    code = "link_invalid"
    message = _("This link is not complete.")


class LinkExpiredError(DomainError):
    code = "link_expired"
    message = _("This link has expired. Ask for a new one below.")


def order_key(number: str) -> str:
    """What proves, in the link, that its holder was given it."""
    return _signer.sign(number).removeprefix(f"{number}:")


def check_order_key(number: str, key: str) -> None:
    """Raises LinkInvalidError or LinkExpiredError."""
    try:
        _signer.unsign(f"{number}:{key}", max_age=timedelta(days=settings.ORDER_LINK_DAYS))
    except SignatureExpired as error:
        raise LinkExpiredError from error
    except BadSignature as error:
        raise LinkInvalidError from error


def order_path(order: Order) -> str:
    """The signed address within the site, in the language that is active."""
    return f"{reverse('order:detail', kwargs={'number': order.number})}?khoa={order_key(order.number)}"


def order_url(order: Order) -> str:
    """The signed address for an e-mail."""
    return settings.SITE_URL.rstrip("/") + order_path(order)
