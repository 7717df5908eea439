"""The listings of the demo: who offers what from where, on which days it was public, and its stock."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from catalog.descriptions import clean_html
from catalog.models import ListingOrigin, ListingPublication, Product, ProductCategory
from catalog.taxonomy import category_of, farm_product_class
from cooperatives.commodities.models import mask_of_months
from cooperatives.partner.models import StockRecord
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.quantities import price_of_step
from marketplace.common.text import slugify_vi
from marketplace.demo import source
from marketplace.demo.source import RESTRUCTURED_ON, ListingRow, SellerRow
from marketplace.demo.world import World

# Between the first listings of neighbouring communes of one model.
_STAGGER = timedelta(days=14)
# Before a seller offers another kind of the same goods from the same commune.
_NEXT = timedelta(days=580)
# Fresh goods are on sale from a little before their season to a little after it.
_MARGIN = timedelta(days=6)


@dataclass(frozen=True)
class Offer:
    """A listing with the seller, the commune it comes from and the day of its first sale."""

    row: ListingRow
    cooperative: str
    commune: str
    online: date
    offline: date | None


def offers() -> list[Offer]:
    """Return every listing with its seller and origin; a title that names a commune comes from that commune."""
    found: dict[int, Offer] = {}
    groups: dict[str, list[tuple[int, ListingRow]]] = {}
    for number, row in enumerate(source.listings()):
        groups.setdefault(_sold_as(row.commodity), []).append((number, row))
    for commodity, rows in groups.items():
        places = _places(commodity)
        for number, place, turn in _assigned(rows, places):
            seller, commune = places[place]
            later = _STAGGER * (place % 9) + _NEXT * turn
            row = source.listings()[number]
            cooperative = seller.cooperatives[place % len(seller.cooperatives)]
            found[number] = Offer(row, cooperative, commune, seller.online + later, seller.offline)
    return [found[number] for number in sorted(found)]


def _sold_as(commodity: str) -> str:
    """Return the commodity, or the wider one, that somebody sells."""
    parents = {row.code: row.parent for row in source.commodities()}
    sold = {seller.commodity for seller in source.sellers()}
    while commodity not in sold:
        commodity = parents[commodity]
    return commodity


def _places(commodity: str) -> list[tuple[SellerRow, str]]:
    sellers = [seller for seller in source.sellers() if seller.commodity == commodity]
    return [(seller, commune) for seller in sellers for commune in seller.communes]


def _assigned(
    rows: list[tuple[int, ListingRow]], places: list[tuple[SellerRow, str]]
) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each listing, the index of its place, and how many listings that place had before."""
    names = source.legacy_names()
    used: Counter[int] = Counter()
    unnamed = []
    for number, row in rows:
        named = [i for i, (_, code) in enumerate(places) if names.get(code, "?") in row.title and not used[i]]
        if named:
            used[named[0]] += 1
            yield number, named[0], 0
        else:
            unnamed.append(number)
    for number in unnamed:
        place = min(range(len(places)), key=lambda i: (used[i], i))
        yield number, place, used[place]
        used[place] += 1


def load_listings(world: World) -> None:
    """Make the listings with origins, intervals of publication and stock records."""
    rng = world.rng("stock")
    product_class = farm_product_class()
    made: list[tuple[Offer, Product]] = []
    for offer in offers():
        if offer.online > world.today:
            continue
        product = _product(world, offer)
        product.product_class = product_class
        made.append((offer, product))
    Product.objects.bulk_create(product for _, product in made)
    ProductCategory.objects.bulk_create(
        ProductCategory(product=product, category=product.category) for _, product in made
    )
    ListingOrigin.objects.bulk_create(origin for offer, product in made for origin in _origins(world, offer, product))
    ListingPublication.objects.bulk_create(p for offer, product in made for p in _publications(world, offer, product))
    StockRecord.objects.bulk_create(
        StockRecord(
            product=product,
            partner=world.partners[offer.cooperative],
            partner_sku=str(product.pk),
            price_currency="VND",
            price=price_of_step(int(product.price_per_unit), product.step, product.sale_unit),
            num_in_stock=_stock(offer, rng.random()),
            num_allocated=0,
        )
        for offer, product in made
    )
    world.listings = [product for _, product in made]


def _product(world: World, offer: Offer) -> Product:
    row = offer.row
    commodity = world.commodities[row.commodity]
    intervals = list(intervals_of(world, offer))
    is_public = bool(intervals) and intervals[-1][1] is None
    began = intervals[0][0] if intervals else None
    return Product(
        structure=Product.STANDALONE,
        title=row.title,
        slug=slugify_vi(row.title),
        description=clean_html(f"<p>{row.description}</p><p>Ảnh minh họa. Dữ liệu mẫu.</p>"),
        cooperative=world.cooperatives[offer.cooperative],
        commodity=commodity,
        category=category_of(commodity),
        origin_unit=origin_on(world, offer, world.today),
        commune=world.successor[offer.commune],
        sale_unit=row.unit,
        step=Decimal(row.step),
        price_per_unit=row.price,
        season_months=mask_of_months(_months(row)),
        state=Product.State.PUBLISHED if is_public else Product.State.PAUSED,
        is_public=is_public,
        published_at=world.moment(began, 8) if began else None,
        date_created=world.moment(offer.online, 7),
    )


def _months(row: ListingRow) -> tuple[int, ...]:
    return next(commodity.months for commodity in source.commodities() if commodity.code == row.commodity)


def _keeps_legacy(world: World, offer: Offer) -> bool:
    """Whether the cooperative left the origin as it was when communes were merged."""
    return world.rng(f"origin/{offer.row.title}").random() < 0.4


def origin_on(world: World, offer: Offer, day: date) -> AdministrativeUnit:
    """Return the unit that the listing names as its origin on the day."""
    if offer.online < RESTRUCTURED_ON and (day < RESTRUCTURED_ON or _keeps_legacy(world, offer)):
        return world.legacy[offer.commune]
    return world.successor[offer.commune]


def _origins(world: World, offer: Offer, product: Product) -> list[ListingOrigin]:
    first = origin_on(world, offer, offer.online)
    last = origin_on(world, offer, world.today)
    if first == last:
        return [ListingOrigin(product=product, unit=first, valid_from=offer.online)]
    return [
        ListingOrigin(product=product, unit=first, valid_from=offer.online, valid_to=RESTRUCTURED_ON),
        ListingOrigin(product=product, unit=last, valid_from=RESTRUCTURED_ON),
    ]


def intervals_of(world: World, offer: Offer) -> Iterator[tuple[date, date | None]]:
    """Yield the days on which the listing came on sale and went off; None for one that is on sale."""
    last = min(world.today, offer.offline or world.today)
    if not offer.row.is_fresh:
        yield offer.online, offer.offline if offer.offline and offer.offline <= world.today else None
        return
    months = _months(offer.row)
    for year in range(offer.online.year - 1, world.today.year + 1):
        ends_next_year = months[-1] < months[0]
        begin = max(date(year, months[0], 1) - _MARGIN, offer.online)
        end_month = date(year + ends_next_year, months[-1], 28)
        end = end_month + _MARGIN
        if begin >= end or begin > last:
            continue
        yield (
            begin,
            end if end <= world.today else (offer.offline if offer.offline and offer.offline <= world.today else None),
        )


def _publications(world: World, offer: Offer, product: Product) -> list[ListingPublication]:
    """Return the intervals in which anyone could see the listing, parted where its origin was renamed."""
    found = []
    parted = world.moment(RESTRUCTURED_ON, 0)
    for begin, end in intervals_of(world, offer):
        pieces = [(world.moment(begin, 8), world.moment(end, 20) if end else None)]
        before, after = (origin_on(world, offer, day) for day in (begin, end or world.today))
        if before != after:
            pieces = [(pieces[0][0], parted), (parted, pieces[0][1])]
        found += [
            ListingPublication(
                product=product,
                commodity=product.commodity,
                unit=unit,
                public_from=public_from,
                public_to=public_to,
            )
            for unit, (public_from, public_to) in zip((before, after), pieces, strict=False)
        ]
    return found


def _stock(offer: Offer, chance: float) -> int:
    """Return steps in stock: few of what is dear, and now and then the last ones."""
    if chance < 0.06:
        return 3 + int(chance * 60)
    if offer.row.price >= 1_000_000:
        return 4 + int(chance * 6)
    if offer.row.price >= 250_000:
        return 12 + int(chance * 50)
    return 40 + int(chance * 260)
