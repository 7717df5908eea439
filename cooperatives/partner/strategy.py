"""Oscar's question "what does it cost, and may it be bought?", answered for a farm market.

A price is for one step, in whole đồng, with tax. A listing may be bought while it is public, its cooperative is active and
steps are left that nobody has ordered.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from oscar.apps.partner.availability import StockRequired, Unavailable
from oscar.apps.partner.prices import Base as NoPrice
from oscar.apps.partner.prices import TaxInclusiveFixedPrice
from oscar.apps.partner.strategy import Structured
from oscar.apps.partner.strategy import UseFirstStockRecord as OneStockRecord

from cooperatives.models import CooperativeActivity
from marketplace.common.dates import local_today

NO_TAX = Decimal(0)


class Strategy(OneStockRecord, Structured):
    """`seller_active` on the stock record (see selectors.stock_on) saves a query per listing."""

    def __init__(self, request: Any = None, *, today: date | None = None) -> None:
        # Oscar's own constructor reads the user, and with it the session, on every page.
        self.request = request
        self.user = None
        self.today = today or local_today(timezone.now())

    def pricing_policy(self, product: Any, stockrecord: Any) -> Any:
        if stockrecord is None or stockrecord.price is None:
            return NoPrice()
        return TaxInclusiveFixedPrice(
            currency=stockrecord.price_currency, excl_tax=stockrecord.price.quantize(Decimal(1)), tax=NO_TAX
        )

    def availability_policy(self, product: Any, stockrecord: Any) -> Any:
        if stockrecord is None or not product.is_public or not self._is_seller_active(product, stockrecord):
            return Unavailable()
        return StockRequired(max(0, stockrecord.net_stock_level))

    def parent_pricing_policy(self, product: Any, children_stock: Any) -> Any:
        """Listings have no variants."""
        return NoPrice()

    def parent_availability_policy(self, product: Any, children_stock: Any) -> Any:
        return Unavailable()

    def fetch_for_line(self, line: Any, stockrecord: Any = None) -> Any:
        return self.fetch_for_product(line.product, stockrecord)

    def _is_seller_active(self, product: Any, stockrecord: Any) -> bool:
        known = getattr(stockrecord, "seller_active", None)
        if known is not None:
            return known
        return CooperativeActivity.objects.in_force(self.today).filter(cooperative_id=product.cooperative_id).exists()


class Selector:
    """Everybody buys at the same prices."""

    def strategy(self, request: Any = None, user: Any = None, **kwargs: Any) -> Strategy:
        return Strategy(request)
