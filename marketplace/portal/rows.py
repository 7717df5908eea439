"""What the portal's templates print of parcels and listings: ready words, no decisions left."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Product
from catalog.photos import rendition_url
from cooperatives.partner.models import StockRecord
from marketplace.common.money import format_vnd
from marketplace.common.quantities import format_quantity, quantity_from_steps
from marketplace.order.models import Parcel
from marketplace.order.states import CANCELLABLE, NOTHING_DUE, amount_due
from marketplace.payment.terms import calls_before_packing
from marketplace.portal.acts import Act, next_act
from marketplace.portal.selectors import LineRow, lines_of

LINES_SHOWN = 3

Method = Parcel.PaymentMethod

_TAGS = {
    Parcel.Status.PLACED: "tag--alert",
    Parcel.Status.CONFIRMED: "tag--brand",
    Parcel.Status.PACKED: "tag--brand",
    Parcel.Status.READY: "tag--season",
    Parcel.Status.SHIPPED: "tag--season",
    Parcel.Status.DELIVERY_FAILED: "tag--alert",
    Parcel.Status.RETURNING: "tag--alert",
    Parcel.Status.DELIVERED: "tag--good",
}
_PAID_BY: dict[str, str | Promise] = {
    Method.CASH_ON_DELIVERY: gettext_lazy("Paid in cash"),
    Method.TRANSFER: gettext_lazy("Paid by transfer"),
    Method.CARD: gettext_lazy("Paid by card"),
}
_TO_PAY_BY: dict[str, str | Promise] = {
    Method.CASH_ON_DELIVERY: gettext_lazy("Cash on delivery"),
    Method.TRANSFER: gettext_lazy("Waiting for the transfer"),
    Method.CARD: gettext_lazy("Waiting for the card payment"),
}
_LISTING_TAGS = {Product.State.PUBLISHED: "tag--good", Product.State.PAUSED: "tag--season"}


@dataclass(frozen=True)
class ParcelRow:
    """A parcel in a list. `hidden_lines` counts the lines that are not shown; `act` is the next step, if any.

    `payment` says how it is or was paid; `calls_first`: the buyer is called before the parcel is packed.
    """

    number: str
    status: str
    tag: str
    buyer: str
    phone: str
    place: str
    placed_at: datetime
    lines: list[LineRow]
    hidden_lines: int
    total: Decimal
    payment: str
    calls_first: bool
    has_note: bool
    act: Act | None


def parcel_row(parcel: Parcel) -> ParcelRow:
    lines = lines_of(parcel)
    address = parcel.order.shipping_address
    commune = address.commune if address else None
    return ParcelRow(
        number=parcel.number,
        status=parcel.get_status_display(),
        tag=_TAGS.get(Parcel.Status(parcel.status), ""),
        # Whom the courier asks for, who may be another than placed the order.
        buyer=address.first_name if address else parcel.order.buyer_name,
        phone=str(address.phone_number or "") if address else str(parcel.order.buyer_phone),
        place=commune.name if commune else "",
        placed_at=parcel.placed_at,
        lines=lines[:LINES_SHOWN],
        hidden_lines=max(0, len(lines) - LINES_SHOWN),
        total=parcel.total,
        payment=payment_words(parcel),
        calls_first=parcel.status in CANCELLABLE and calls_before_packing(parcel.cooperative),
        has_note=bool(parcel.note),
        act=next_act(parcel),
    )


def payment_words(parcel: Parcel) -> str:
    """How the parcel is paid, and whether; empty for one that was cancelled without having been."""
    due = amount_due(parcel)
    if parcel.amount_refunded:
        return str(parcel.get_payment_status_display())
    if parcel.amount_received and due:
        return _("Part paid, %(amount)s to collect") % {"amount": format_vnd(due)}
    if parcel.paid_at is not None:
        return str(_PAID_BY[parcel.payment_method])
    return "" if parcel.status in NOTHING_DUE else str(_TO_PAY_BY[parcel.payment_method])


@dataclass(frozen=True)
class Sum:
    """An amount below the parcel's goods."""

    label: str
    amount: Decimal
    is_total: bool = False


def parcel_sums(parcel: Parcel) -> list[Sum]:
    """What the parcel costs, what came of it, and last what is to be collected or was."""
    sums = [Sum(_("Goods together"), parcel.goods_total), Sum(_("Delivery"), parcel.delivery_charge)]
    received, refunded, due = parcel.amount_received, parcel.amount_refunded, amount_due(parcel)
    together = (_("Parcel together"), parcel.total)
    if not received:
        return [*sums, Sum(_("To collect"), Decimal(due), is_total=True) if due else Sum(*together, is_total=True)]
    if received != parcel.total:
        sums += [Sum(*together), Sum(_("Received"), received)]
    if refunded:
        sums.append(Sum(_("Given back"), refunded))
    last = (_("To collect"), Decimal(due)) if due else (_("Collected"), received - refunded)
    return [*sums, Sum(*last, is_total=True)]


@dataclass(frozen=True)
class ListingRow:
    """A listing in the clerk's list, with its stock in units; `held` is the words for what orders hold, if any."""

    pk: int
    title: str
    url: str
    photo: str
    colour: str
    commune: str
    price_per_unit: Decimal
    unit: str
    step: Decimal
    stock: Decimal
    held: str
    is_out: bool
    state: str
    tag: str
    is_on_sale: bool
    can_resume: bool
    error: str = ""
    typed: str = ""


def listing_row(listing: Product, *, error: str = "", typed: str = "") -> ListingRow:
    """`error` and `typed` are what was wrong with a correction of the stock, and what was typed."""
    stock = stock_of(listing)
    held = stock.num_allocated or 0
    in_stock = stock.num_in_stock or 0
    is_hidden = listing.state == Product.State.PUBLISHED and not listing.is_public
    return ListingRow(
        pk=listing.pk,
        title=listing.title,
        url=listing.get_absolute_url() if listing.is_public else "",
        photo=rendition_url(listing.cover_stem, 320, "webp") if listing.cover_stem else "",
        colour=listing.cover_colour,
        commune=listing.commune.name if listing.commune else "",
        price_per_unit=listing.price_per_unit,
        unit=listing.sale_unit,
        step=listing.step,
        stock=quantity_from_steps(in_stock, listing.step),
        held=format_quantity(quantity_from_steps(held, listing.step), listing.sale_unit) if held else "",
        is_out=in_stock <= held,
        state=_("Hidden: the cooperative is not active") if is_hidden else listing.get_state_display(),
        tag=_LISTING_TAGS.get(Product.State(listing.state), ""),
        is_on_sale=listing.state == Product.State.PUBLISHED,
        can_resume=listing.state in {Product.State.PAUSED, Product.State.DRAFT},
        error=error,
        typed=typed,
    )


def stock_of(listing: Product) -> StockRecord:
    """The listing's one stock record; no query where it is prefetched."""
    return listing.stockrecords.all()[0]


@dataclass(frozen=True)
class BarItem:
    """A link of the phone's bottom bar (parts/bar_clerk.html)."""

    url: str
    icon: str
    label: str
    is_current: bool
    count: int = 0


def bar_items(here: str | None) -> list[BarItem]:
    """Links to the workplace's parts; `here` is the name of the present page."""
    parts = (
        ("today", "calendar-check", _("Today"), {"today"}),
        ("parcels", "package", _("Parcels"), {"parcels", "parcel", "act", "pack", "refund", "problems", "problem"}),
        ("listings", "store", _("Our goods"), {"listings", "listing_edit"}),
        (
            "money",
            "wallet",
            _("Money"),
            {
                "money",
                "bank_account",
                "statement",
                "unmatched",
                "transfer_received",
                "refunds",
                "refund_given",
                "terms",
                "settlement",
                "settlement_statement",
            },
        ),
        ("listing_new", "circle-plus", _("List goods"), {"listing_new"}),
    )
    return [BarItem(reverse(f"portal:{name}"), icon, label, here in pages) for name, icon, label, pages in parts]
