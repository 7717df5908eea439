"""What the cooperative's workplace reads.

Every query is bound to one cooperative, or to one object that `access` then checks; of a buyer's order only the
cooperative's own part is ever read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Prefetch, QuerySet

from catalog.models import Product, ProductImage
from cooperatives.models import Cooperative
from cooperatives.partner.models import StockRecord
from marketplace.order.models import Line, Parcel, ParcelEvent
from marketplace.payment.unmatched import open_money

Status = Parcel.Status

# The clerk's day, in its order.
TO_CONFIRM, TO_PACK, TO_HAND_OVER, UNDERWAY = (
    (Status.PLACED,),
    (Status.CONFIRMED,),
    (Status.PACKED, Status.READY),
    (Status.SHIPPED, Status.DELIVERY_FAILED, Status.RETURNING),
)
OPEN = (*TO_CONFIRM, *TO_PACK, *TO_HAND_OVER, *UNDERWAY)
SHOWN_TODAY = 60
PARCELS_PER_PAGE = 20
MONEY_PER_PAGE = 30
LISTINGS_PER_PAGE = 30


@dataclass(frozen=True)
class LineRow:
    """A line in units, as packed where it is; prices in đồng."""

    title: str
    quantity: Decimal
    unit: str
    price_per_unit: Decimal
    price: Decimal


@dataclass(frozen=True)
class Page:
    """One page of a list; a number beyond the last is the last."""

    rows: Sequence
    number: int
    count: int
    total: int


def parcel_counts(cooperative: Cooperative) -> dict[str, int]:
    """Parcels by status; a status without parcels is missing. One query."""
    counted = Parcel.objects.filter(cooperative=cooperative).order_by().values_list("status")
    return dict(counted.annotate(number=Count("pk")))


def open_parcels(cooperative: Cooperative) -> list[Parcel]:
    """Parcels that wait for somebody, the oldest first, at most SHOWN_TODAY. Two queries."""
    return list(_parcels(cooperative).filter(status__in=OPEN).order_by("placed_at", "pk")[:SHOWN_TODAY])


def parcel_page(cooperative: Cooperative, *, statuses: Sequence[str], page: int) -> Page:
    """Parcels of those statuses, the newest first. Three queries."""
    rows = _parcels(cooperative).order_by("-placed_at", "-pk")
    if statuses:
        rows = rows.filter(status__in=statuses)
    return paged(rows, page, PARCELS_PER_PAGE)


def parcel_detail(number: str) -> Parcel | None:
    """A parcel with its own lines, its events, and where it goes. Three queries; for `access.parcel_for` only."""
    events = ParcelEvent.objects.select_related("by").order_by("occurred_at", "pk")
    parcels = Parcel.objects.select_related(
        "cooperative__payment_terms", "order__invoice", "order__shipping_address__commune__province"
    )
    return parcels.prefetch_related(_lines(), Prefetch("events", events)).filter(number=number).first()


def lines_of(parcel: Parcel) -> list[LineRow]:
    """The parcel's lines in units; no query where they are prefetched."""
    return [
        LineRow(
            line.title,
            line.units if line.packed_units is None else line.packed_units,
            line.sale_unit,
            line.price_per_unit,
            line.line_price_incl_tax,
        )
        for line in parcel.lines.all()
    ]


def listing_page(cooperative: Cooperative, *, page: int) -> Page:
    """Listings that are not withdrawn, drafts first, then the newest, with their stock. Three queries."""
    listings = (
        Product.objects.filter(cooperative=cooperative)
        .exclude(state=Product.State.WITHDRAWN)
        .select_related("commune", "commodity")
        .prefetch_related(_stock())
        .order_by(F("published_at").desc(nulls_first=True), "-pk")
    )
    return paged(listings, page, LISTINGS_PER_PAGE)


def listing_detail(pk: int) -> Product | None:
    """A listing with stock and photos; for `access.listing_for` only."""
    listings = Product.objects.select_related("cooperative", "commodity", "commune", "origin_unit")
    photos = ProductImage.objects.order_by("display_order", "pk")
    return listings.prefetch_related(_stock(), Prefetch("images", photos)).filter(pk=pk).first()


def money_page(cooperative: Cooperative, *, page: int) -> Page:
    """Money that waits for a person of the cooperative, the longest waiting first. Two queries."""
    return paged(open_money(cooperative), page, MONEY_PER_PAGE)


def _parcels(cooperative: Cooperative) -> QuerySet[Parcel]:
    return (
        Parcel.objects.filter(cooperative=cooperative)
        .select_related("cooperative__payment_terms", "order__shipping_address__commune")
        .prefetch_related(_lines())
    )


def _lines() -> Prefetch:
    return Prefetch("lines", Line.objects.order_by("pk"))


def _stock() -> Prefetch:
    return Prefetch("stockrecords", StockRecord.objects.order_by("pk"))


def paged(rows: QuerySet, number: int, per_page: int) -> Page:
    """That page of the rows, or the last one. Two queries."""
    total = rows.order_by().count()
    count = max(1, -(-total // per_page))
    number = min(max(1, number), count)
    return Page(list(rows[(number - 1) * per_page : number * per_page]), number, count, total)
