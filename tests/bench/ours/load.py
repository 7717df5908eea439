"""Fills our site by bulk writes: python -m tests.bench.ours.load PRODUCTS PARTNERS. Prints the addresses to measure, as JSON."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.urls import reverse  # noqa: E402

from catalog.models import (  # noqa: E402
    Category,
    ListingOrigin,
    ListingPublication,
    Product,
    ProductCategory,
    ProductImage,
)
from catalog.taxonomy import farm_product_class  # noqa: E402
from cms.services import create_profile, ensure_site  # noqa: E402
from cooperatives.commodities.models import Commodity  # noqa: E402
from cooperatives.models import Cooperative, CooperativeActivity, CooperativeCommune, Membership  # noqa: E402
from cooperatives.partner.models import Partner, StockRecord  # noqa: E402
from cooperatives.places.models import AdministrativeUnit, Succession  # noqa: E402
from marketplace.common.text import slugify_vi  # noqa: E402
from marketplace.shipping.models import DeliveryMethod, DeliveryZone  # noqa: E402
from marketplace.users.models import User  # noqa: E402
from tests.bench import data  # noqa: E402
from tests.bench.ours import registry  # noqa: E402

PROVINCE = "04"
# Of few hits and of many, with marks and without.
SEARCHES = (
    "hạt dẻ",
    "mien dong",
    "gạo nếp hương",
    "mat ong bac ha",
    "chè xanh hữu cơ",
    "lap suon",
    "nấm hương sấy khô",
    "thach den hop qua",
    "quýt trà lĩnh",
    "le vang",
)
BATCH = 1000
PHOTO = "listings/bench/photo"
FIRST_PUBLISHED = datetime(2024, 1, 1, tzinfo=UTC)


def old_communes() -> list[AdministrativeUnit]:
    units = AdministrativeUnit.objects.filter(province__code=PROVINCE, level="commune", valid_to__isnull=False)
    return list(units.order_by("code"))


def communes_today() -> dict[int, int]:
    """The unit of today that each old unit has become."""
    return dict(Succession.objects.filter(is_default=True).values_list("predecessor_id", "successor_id"))


def make_goods() -> tuple[list[Category], list[Commodity]]:
    """The categories, and the commodities of the same names below their groups."""
    categories, commodities = [], []
    groups: dict[str, Commodity] = {}
    for name, group in data.categories():
        if group not in groups:
            groups[group] = Commodity.add_root(code=slugify_vi(group), name=group, category="processed")
        categories.append(Category.add_root(name=name))
        commodities.append(groups[group].add_child(code=slugify_vi(name), name=name, category="processed"))
    return categories, commodities


def make_cooperatives(count: int, homes: Sequence[AdministrativeUnit]) -> list[Cooperative]:
    made = Cooperative.objects.bulk_create(
        Cooperative(
            name=f"Hợp tác xã Nông nghiệp số {i + 1}",
            short_name=data.partner_name(i),
            slug=f"htx-so-{i + 1}",
            registration_number=f"48{i:08d}",
            registered_on=date(2020, 3, 1),
            registered_by="Phòng Tài chính - Kế hoạch",
            representative="Nông Văn An",
            member_count=12,
            email=f"htx{i + 1}@example.com",
        )
        for i in range(count)
    )
    start = date(2020, 3, 1)
    CooperativeActivity.objects.bulk_create(CooperativeActivity(cooperative=c, valid_from=start) for c in made)
    CooperativeCommune.objects.bulk_create(
        CooperativeCommune(cooperative=c, unit=homes[i % len(homes)], role="home", valid_from=start)
        for i, c in enumerate(made)
    )
    clerks = User.objects.bulk_create(
        User(full_name="Nông Thị Bình", email=f"nhan-vien{i + 1}@example.com", password="!") for i in range(count)
    )
    Membership.objects.bulk_create(
        Membership(cooperative=c, user=u, role="clerk", valid_from=start) for c, u in zip(made, clerks, strict=True)
    )
    Partner.objects.bulk_create(Partner(name=c.short_name, code=c.slug, cooperative=c) for c in made)
    ways = DeliveryMethod.objects.bulk_create(DeliveryMethod(cooperative=c, name="Giao tận nơi") for c in made)
    DeliveryZone.objects.bulk_create(DeliveryZone(method=way, is_nationwide=True, tiers=[[None, 0]]) for way in ways)
    make_profiles(made)
    return made


def make_profiles(cooperatives: Sequence[Cooperative]) -> None:
    ensure_site()
    for cooperative in cooperatives:
        create_profile(cooperative=cooperative)


def make_listings(
    rows: Sequence[data.Product],
    cooperatives: Sequence[Cooperative],
    homes: Sequence[AdministrativeUnit],
    goods: tuple[list[Category], list[Commodity]],
) -> None:
    today = communes_today()
    categories, commodities = goods
    kind = farm_product_class()
    made = Product.objects.bulk_create(
        (
            Product(
                product_class=kind,
                title=row.title,
                slug=row.slug,
                upc=f"SP{row.index}",
                description=f"<p>{row.description}</p>",
                cooperative=cooperatives[row.partner],
                commodity=commodities[row.category],
                category=categories[row.category],
                origin_unit=homes[row.partner % len(homes)],
                commune_id=today[homes[row.partner % len(homes)].pk],
                state=Product.State.PUBLISHED,
                is_public=True,
                price_per_unit=row.price,
                cover_stem=PHOTO,
                published_at=FIRST_PUBLISHED + timedelta(hours=row.index),
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    partners = dict(Partner.objects.values_list("cooperative_id", "pk"))
    ProductCategory.objects.bulk_create(
        (ProductCategory(product=p, category_id=p.category_id) for p in made), batch_size=BATCH
    )
    StockRecord.objects.bulk_create(
        (
            StockRecord(
                product=p,
                partner_id=partners[p.cooperative_id],
                partner_sku=p.upc,
                price=p.price_per_unit,
                price_currency="VND",
                num_in_stock=data.STOCK,
                num_allocated=0,
            )
            for p in made
        ),
        batch_size=BATCH,
    )
    ProductImage.objects.bulk_create(
        (ProductImage(product=p, original=f"{PHOTO}.webp", stem=PHOTO, width=1200, height=900) for p in made),
        batch_size=BATCH,
    )
    ListingOrigin.objects.bulk_create(
        (
            ListingOrigin(
                product=p,
                unit_id=p.origin_unit_id,
                valid_from=p.published_at.date(),
            )
            for p in made
        ),
        batch_size=BATCH,
    )
    ListingPublication.objects.bulk_create(
        (
            ListingPublication(
                product=p, commodity_id=p.commodity_id, unit_id=p.origin_unit_id, public_from=p.published_at
            )
            for p in made
        ),
        batch_size=BATCH,
    )


@transaction.atomic
def load(product_count: int, partner_count: int) -> None:
    homes = old_communes()
    goods = make_goods()
    cooperatives = make_cooperatives(partner_count, homes)
    make_listings(list(data.products(product_count, partner_count)), cooperatives, homes, goods)
    registry.load(cooperatives, homes, goods[1])


def addresses() -> dict[str, list[str]]:
    browse = reverse("catalogue:index")
    listed = Product.objects.order_by("-pk")
    communes = AdministrativeUnit.objects.filter(pk__in=listed.values("commune_id")).order_by("code")
    return {
        "browse": [browse, *[f"{browse}?page={n}" for n in range(2, 11)]],
        "category": [
            reverse("catalogue:category", kwargs={"category_slug": category.slug, "pk": category.pk})
            for category in Category.objects.order_by("pk")[:10]
        ],
        "commune": [commune.get_absolute_url() for commune in communes[:10]],
        "cooperative": [cooperative.get_absolute_url() for cooperative in Cooperative.objects.order_by("pk")[:10]],
        "listing": [listing.get_absolute_url() for listing in listed[:40]],
        "search": [f"{reverse('search:search')}?q={quote(text)}" for text in SEARCHES],
        "other": ["/"],
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not Product.objects.exists():
        call_command("load_places", verbosity=0)
        load(int(sys.argv[1]), int(sys.argv[2]))
        call_command("search_index", "rebuild", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    print(json.dumps(addresses()))
