"""From what was quoted to what is written down."""

from collections.abc import Mapping
from decimal import Decimal

from marketplace.checkout.quotes import Choice, ParcelQuote, Quote
from marketplace.order.placing import LineDraft, ParcelDraft

NO_FEE = Decimal(0)


def drafts_of(quote: Quote, notes: Mapping[int, str]) -> list[ParcelDraft]:
    """`notes` are by cooperative. The quote was made with fees, and each parcel's delivery is known."""
    return [_parcel(quote, parcel, parcel.chosen, notes) for parcel in quote.parcels if parcel.chosen]


def _parcel(quote: Quote, parcel: ParcelQuote, chosen: Choice, notes: Mapping[int, str]) -> ParcelDraft:
    cooperative = parcel.goods.cooperative
    return ParcelDraft(
        cooperative=cooperative,
        lines=[_line(quote, parcel, index) for index in range(len(parcel.goods.lines))],
        delivery_name=chosen.name,
        delivery_charge=chosen.charge,
        delivery_kind=chosen.kind,
        pickup_note=chosen.pickup_note,
        expected_from=chosen.promise.earliest,
        expected_until=chosen.promise.latest,
        note=notes.get(cooperative.pk, ""),
        payment_method=quote.payment.parcels[cooperative.pk].chosen,
    )


def _line(quote: Quote, parcel: ParcelQuote, index: int) -> LineDraft:
    line, reduction = parcel.goods.lines[index], parcel.reduction_of(index)
    return LineDraft(
        listing=line.listing,
        stockrecord_id=line.stockrecord.pk,
        partner_id=line.stockrecord.partner_id,
        steps=line.steps,
        step_price=line.step_price,
        fee_rate=quote.sellers.fees.get(line.listing.pk, NO_FEE),
        seller_discount=reduction.seller,
        marketplace_discount=reduction.marketplace,
    )
