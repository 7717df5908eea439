"""Listings that are on sale: published since the start of 2026, with an origin, a price and stock."""

from datetime import UTC, datetime
from decimal import Decimal

import factory

from catalog.evidence import record_opened
from catalog.models import ListingOrigin, ListingPublication, Product, ProductClass
from cooperatives.partner.models import StockRecord
from marketplace.common.quantities import SaleUnit
from marketplace.common.text import slugify_vi
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import ACTIVE_FROM, CooperativeFactory

PUBLISHED_AT = datetime(2026, 1, 1, tzinfo=UTC)


class ListingFactory(factory.django.DjangoModelFactory):
    """`stock` is in units (20 kg by default); its origin is the home commune of the cooperative.

    `is_public=False, state="draft"` makes one that is not on sale, with no interval of publication.
    """

    class Meta:
        model = Product
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Hạt dẻ Trùng Khánh {n}")
    slug = factory.LazyAttribute(lambda listing: slugify_vi(listing.title))
    description = "<p>Hạt to, bùi và thơm.</p>"
    cooperative = factory.SubFactory(CooperativeFactory)
    commodity = factory.SubFactory(CommodityFactory)
    state = Product.State.PUBLISHED
    is_public = True
    sale_unit = SaleUnit.KILOGRAM
    step = Decimal("0.5")
    price_per_unit = 120_000
    published_at = PUBLISHED_AT
    origin_unit = factory.LazyAttribute(lambda listing: listing.cooperative.communes.get(role="home").unit)
    commune = factory.SelfAttribute("origin_unit")
    product_class = factory.LazyFunction(
        lambda: ProductClass.objects.get_or_create(slug="nong-san", defaults={"name": "Nông sản"})[0]
    )

    @factory.post_generation
    def stock(self, create, extracted, **kwargs):
        if not create:
            return
        units = Decimal(20 if extracted is None else extracted)
        StockRecord.objects.create(
            product=self,
            partner=self.cooperative.partner,
            partner_sku=str(self.pk),
            price=self.price_per_unit * self.step,
            num_in_stock=int(units / self.step),
            num_allocated=0,
        )

    @factory.post_generation
    def history(self, create, extracted, **kwargs):
        if not create or extracted is False:
            return
        ListingOrigin.objects.create(product=self, unit=self.origin_unit, valid_from=ACTIVE_FROM)
        if self.is_public:
            record_opened(
                ListingPublication.objects.create(
                    product=self, commodity=self.commodity, unit=self.origin_unit, public_from=PUBLISHED_AT
                )
            )
