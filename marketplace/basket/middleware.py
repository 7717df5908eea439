"""Gives every request its basket, and a page that only shows how full it is no more than that.

`request.basket_count` costs one query, and none for a guest who never filled a basket. `request.basket` is the basket
itself, with a guest's merged into the person's own after logging in. Both are lazy. Offers are not applied: there are
none yet, and Oscar asks the database for them on every page.
"""

from collections.abc import Callable
from typing import Any, cast

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from oscar.apps.basket.middleware import BasketMiddleware as OscarBasketMiddleware

from cooperatives.partner.strategy import Selector, Strategy
from marketplace.basket.models import Basket
from marketplace.basket.selectors import count_of_lines


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

    def count(self, request: ShopRequest) -> int:
        owner = request.user if request.user.is_authenticated else None
        return count_of_lines(basket_id=request.guest_basket_id, owner=owner)

    def process_template_response(self, request: ShopRequest, response: Any) -> Any:
        """Oscar's own would put the whole basket into every page."""
        return response
