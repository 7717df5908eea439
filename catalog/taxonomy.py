"""Oscar's own classification of listings, kept in step with the tree of commodities."""

from django.conf import settings
from django.utils import translation

from catalog.models import Category, ProductClass
from cooperatives.commodities.models import Commodity
from marketplace.common.text import slugify_vi

PRODUCT_CLASS = "farm-product"


def farm_product_class() -> ProductClass:
    """The one class of everything that is listed: it has a stock and is delivered."""
    found, _created = ProductClass.objects.get_or_create(
        slug=PRODUCT_CLASS, defaults={"name": PRODUCT_CLASS, "track_stock": True, "requires_shipping": True}
    )
    return found


def category_of(commodity: Commodity) -> Category:
    """The shop's category for a commodity, made when it is first needed; its code is the commodity's category."""
    found = Category.objects.filter(code=commodity.category).first()
    if found is not None:
        return found
    with translation.override(settings.LANGUAGE_CODE):
        name = str(Commodity.Category(commodity.category).label)
    return Category.add_root(name=name, code=commodity.category, slug=slugify_vi(name))
