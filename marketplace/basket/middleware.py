"""Gives every request its basket, and a page that only shows how full it is no more than that.

`request.basket_count` costs one query, and none for a guest who never filled a basket. `request.basket` is the basket
itself, with a guest's merged into the person's own after logging in. Both are lazy. Offers are not applied: only the
basket's and the checkout's pages reckon with them.
"""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from oscar.apps.basket.middleware import BasketMiddleware as OscarBasketMiddleware

from cooperatives.partner.strategy import Selector, Strategy
from marketplace.basket.models import Basket
from marketplace.basket.selectors import count_of_lines
from marketplace.basket.services import merge_basket
from marketplace.users.models import User


class ShopRequest(HttpRequest):
    """What the middleware adds to a request."""

    basket: Basket
    basket_count: int
    guest_basket_id: int | None
    cookies_to_delete: list[str]
    strategy: Strategy
    _basket_cache: Basket | None


class BasketMiddleware(OscarBasketMiddleware):
    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        super().__init__(get_response)
        self.selector = Selector()

    def __call__(self, request: ShopRequest) -> HttpResponse:
        request.cookies_to_delete = []
        request._basket_cache = None  # noqa: SLF001 - Oscar's get_basket reads it
        request.strategy = self.selector.strategy(request=request)
        request.guest_basket_id = self.guest_basket_id(request)
        request.basket = cast("Basket", SimpleLazyObject(lambda: self.load_basket(request)))
        request.basket_count = cast("int", SimpleLazyObject(lambda: self.count(request)))
        return self.process_response(request, self.get_response(request))

    def guest_basket_id(self, request: ShopRequest) -> int | None:
        """The key that the guest's cookie carries, signed; no query."""
        cookie = request.COOKIES.get(self.get_cookie_key(request))
        if not cookie:
            return None
        try:
            return int(Signer().unsign(cookie))
        except (BadSignature, ValueError):
            return None

    def load_basket(self, request: ShopRequest) -> Basket:
        basket = self.get_basket(request)
        basket.strategy = request.strategy
        return basket

    def get_basket(self, request: ShopRequest) -> Basket:
        """The person's open basket or the guest's, with the guest's goods brought along; a new one is not saved yet."""
        if request._basket_cache is None:  # noqa: SLF001
            guest = self.get_cookie_basket(self.get_cookie_key(request), request, Basket.open)
            is_person = request.user.is_authenticated
            request._basket_cache = self._own_basket(request, guest) if is_person else guest or Basket()  # noqa: SLF001
        return request._basket_cache  # noqa: SLF001

    def _own_basket(self, request: ShopRequest, guest: Basket | None) -> Basket:
        user = cast("User", request.user)
        # Two tabs may have made one each.
        baskets = list(Basket.open.filter(owner=user).order_by("pk"))
        basket = baskets[0] if baskets else Basket(owner=user)
        others = [*baskets[1:], *([guest] if guest else [])]
        if not others:
            return basket
        if basket.pk is None:
            basket.save()
        now = timezone.now()
        capped = [listing for other in others for listing in merge_basket(into=basket, guest=other, now=now)]
        if guest:
            request.cookies_to_delete.append(self.get_cookie_key(request))
        if capped:
            said = {"titles": ", ".join(listing.title for listing in capped)}
            text = _(
                "Of this there was less left than your two baskets held together: %(titles)s. Look at the quantity."
            )
            messages.warning(request, text % said)
        return basket

    def count(self, request: ShopRequest) -> int:
        owner = request.user if request.user.is_authenticated else None
        if owner is not None and request.guest_basket_id is not None:
            # Just logged in: the guest's goods come along.
            _touched = request.basket.pk
        return count_of_lines(basket_id=request.guest_basket_id, owner=owner)

    def process_template_response(self, request: ShopRequest, response: Any) -> Any:
        """Oscar's own would put the whole basket into every page."""
        return response
