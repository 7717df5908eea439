"""Writing listings. Every function takes the moment, runs in one transaction and returns the listing as it now is.

What makes a listing public stands in `publications`; what follows when cooperatives or units change, in `upkeep`.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.descriptions import clean_html
from catalog.models import ListingOrigin, Product, ProductCategory
from catalog.photos import StoredPhoto, attach_photo
from catalog.publications import (
    ListingError,
    begin_interval,
    begin_publication,
    end_interval,
    end_publication,
    locked_listing,
    require_active,
    require_publishable,
)
from catalog.recognition import require_fitting, require_honest_title
from catalog.taxonomy import category_of, farm_product_class
from catalog.terms import Terms, convert_stock, listing_terms, steps_in_stock
from cooperatives.certificates.models import OcopRecognition
from cooperatives.commodities.models import ALL_YEAR, Commodity
from cooperatives.models import Cooperative
from cooperatives.partner.models import Partner, StockRecord
from cooperatives.places import selectors as places
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.dates import local_day
from marketplace.common.locks import locked
from marketplace.common.quantities import SaleUnit
from marketplace.common.text import clean_text
from marketplace.users.models import User

MAXIMUM_TITLE = 120
# Percent by which weighed goods may weigh more than was ordered without the buyer being asked.
DEFAULT_TOLERANCE = 5

_log = logging.getLogger(__name__)

State = Product.State


class TitleMissingError(ListingError):
    code = "title_missing"
    message = _("Enter a name for the listing.")


class TitleTooLongError(ListingError):
    code = "title_too_long"
    message = _("The name has at most %(maximum)s characters.")


class SeasonInvalidError(ListingError):
    code = "season_invalid"
    message = _("Choose at least one month.")


class OriginNotValidError(ListingError):
    code = "origin_not_valid"
    message = _("%(unit)s was not a commune on %(day)s.")


class TransitionNotAllowedError(ListingError):
    code = "transition_not_allowed"
    message = _("A listing that is “%(state)s” cannot be changed in this way.")


def create_listing(
    *,
    cooperative: Cooperative,
    title: str,
    commodity: Commodity | None,
    origin_unit: AdministrativeUnit | None,
    sale_unit: SaleUnit | str,
    step: Decimal,
    price_per_unit: int,
    stock_quantity: Decimal,
    season_months: int = ALL_YEAR,
    description: str = "",
    unit_weight_kg: Decimal | None = None,
    harvest_on: date | None = None,
    is_weighed: bool = False,
    tolerance_percent: int = DEFAULT_TOLERANCE,
    recognition: OcopRecognition | None = None,
    photos: Iterable[StoredPhoto] = (),
    reference: str = "",
    by: User | None,
    now: datetime,
) -> Product:
    """A draft with its stock record; `publish_listing` puts it on sale.

    `price_per_unit` in đồng, `step` and `stock_quantity` in units, `season_months` twelve bits, `description` HTML that
    is cleaned here, `unit_weight_kg` more than 0, `recognition` the cooperative's own and of these goods, `photos` from
    `catalog.photos.store_photo`. `origin_unit` is a commune valid today. A `reference` that the cooperative has used
    returns the listing that it made. Raises ListingError, and AmountError or QuantityError for what the price, step and
    stock do not allow.
    """
    terms = listing_terms(sale_unit=sale_unit, step=step, price_per_unit=price_per_unit)
    steps = steps_in_stock(quantity=stock_quantity, step=step, unit=sale_unit)
    listing = Product(
        structure=Product.STANDALONE,
        is_public=False,
        state=State.DRAFT,
        cooperative=cooperative,
        date_created=now,
        unit_weight_kg=unit_weight_kg,
        harvest_on=harvest_on,
        is_weighed=is_weighed,
        tolerance_percent=tolerance_percent,
        **_described(title, season_months, description),
    )
    with transaction.atomic():
        partner = _partner_of(cooperative)
        known = Product.objects.filter(stockrecords__partner=partner, stockrecords__partner_sku=reference).first()
        if reference and known:
            return known
        _set_terms(listing, terms)
        _recognise(listing, recognition, commodity, local_day(now))
        listing.product_class = farm_product_class()
        _place(listing, commodity=commodity, origin_unit=origin_unit, today=local_day(now))
        listing.save()
        _date_origin(listing, local_day(now))
        _set_category(listing)
        StockRecord.objects.create(
            product=listing,
            partner=partner,
            partner_sku=reference or str(listing.pk),
            price_currency="VND",
            price=Decimal(terms.step_price),
            num_in_stock=steps,
            num_allocated=0,
        )
        for photo in photos:
            attach_photo(listing=listing, photo=photo)
    _log_change(listing, "created", by)
    listing.refresh_from_db()
    return listing


def edit_listing(
    *,
    listing: Product,
    title: str,
    commodity: Commodity | None,
    origin_unit: AdministrativeUnit | None,
    sale_unit: SaleUnit | str,
    step: Decimal,
    price_per_unit: int,
    season_months: int,
    description: str,
    unit_weight_kg: Decimal | None = None,
    harvest_on: date | None = None,
    is_weighed: bool = False,
    tolerance_percent: int = DEFAULT_TOLERANCE,
    recognition: OcopRecognition | None = None,
    photos: Iterable[StoredPhoto] = (),
    by: User | None,
    now: datetime,
) -> Product:
    """Changes what the listing says; `photos` are appended; the stock is changed by the stock service only.

    Another commodity or origin holds from today: the dated row and the evidence before it stay. Another step or unit
    converts the stock. Raises what `create_listing` raises, StockAllocatedError or StockNotConvertibleError.
    """
    terms = listing_terms(sale_unit=sale_unit, step=step, price_per_unit=price_per_unit)
    today = local_day(now)
    with transaction.atomic():
        listing = locked_listing(listing)
        if listing.state == State.WITHDRAWN:
            raise TransitionNotAllowedError(state=State(listing.state).label)
        stock = locked(StockRecord.objects.filter(product=listing))[0]
        convert_stock(stock=stock, listing=listing, terms=terms)
        stock.price = Decimal(terms.step_price)
        stock.save(update_fields=["price", "num_in_stock", "date_updated"])
        for name, value in _described(title, season_months, description).items():
            setattr(listing, name, value)
        _set_terms(listing, terms)
        _recognise(listing, recognition, commodity, today)
        listing.unit_weight_kg, listing.harvest_on = unit_weight_kg, harvest_on
        listing.is_weighed, listing.tolerance_percent = is_weighed, tolerance_percent
        # An origin of former days stays what it is until another one is chosen.
        if origin_unit and origin_unit == listing.commune:
            origin_unit = listing.origin_unit
        is_moved = (origin_unit, commodity) != (listing.origin_unit, listing.commodity)
        was_public = listing.is_public
        if is_moved:
            _place(listing, commodity=commodity, origin_unit=origin_unit, today=today)
            if listing.state == State.PUBLISHED:
                require_publishable(listing)
        listing.save()
        if is_moved:
            _date_origin(listing, today)
            _set_category(listing)
        if is_moved and was_public:
            end_interval(listing, now)
            begin_interval(listing, now)
        for photo in photos:
            attach_photo(listing=listing, photo=photo)
    _log_change(listing, "edited", by)
    listing.refresh_from_db()
    return listing


def publish_listing(*, listing: Product, by: User | None, now: datetime) -> Product:
    """Puts a draft or a paused listing on sale; a listing that is on sale already is returned as it is.

    Raises OriginMissingError, CommodityMissingError, CooperativeNotActiveError, TransitionNotAllowedError, or what
    `require_honest_title` raises: the recognition that the name speaks of may have ended since.
    """
    with transaction.atomic():
        listing = locked_listing(listing)
        if listing.state == State.PUBLISHED and listing.is_public:
            return listing
        if listing.state not in {State.DRAFT, State.PAUSED, State.PUBLISHED}:
            raise TransitionNotAllowedError(state=State(listing.state).label)
        require_publishable(listing)
        require_active(listing.cooperative, local_day(now))
        require_honest_title(title=listing.title, recognition=listing.recognition, today=local_day(now))
        listing.state = State.PUBLISHED
        begin_publication(listing, now)
    _log_change(listing, "put on sale", by)
    return listing


def pause_listing(*, listing: Product, by: User | None, now: datetime) -> Product:
    """Takes a listing off sale for a while; a paused one is returned as it is. Raises TransitionNotAllowedError."""
    return _close(listing=listing, state=State.PAUSED, allowed={State.PUBLISHED}, by=by, now=now)


def withdraw_listing(*, listing: Product, by: User | None, now: datetime) -> Product:
    """Takes a listing off sale for good; its orders and its evidence stay. Withdrawn again, it is returned as it is."""
    return _close(
        listing=listing, state=State.WITHDRAWN, allowed={State.DRAFT, State.PUBLISHED, State.PAUSED}, by=by, now=now
    )


def _described(title: str, season_months: int, description: str) -> dict[str, Any]:
    title = clean_text(title)
    if not title:
        raise TitleMissingError
    if len(title) > MAXIMUM_TITLE:
        raise TitleTooLongError(maximum=MAXIMUM_TITLE)
    if not 1 <= season_months <= ALL_YEAR:
        raise SeasonInvalidError
    return {"title": title, "season_months": season_months, "description": clean_html(description)}


def _set_terms(listing: Product, terms: Terms) -> None:
    listing.sale_unit, listing.step, listing.price_per_unit = terms.sale_unit, terms.step, Decimal(terms.price_per_unit)


def _recognise(listing: Product, recognition: OcopRecognition | None, commodity: Commodity | None, today: date) -> None:
    require_fitting(recognition=recognition, cooperative_id=listing.cooperative_id, commodity=commodity, today=today)
    require_honest_title(title=listing.title, recognition=recognition, today=today)
    listing.recognition = recognition


def _place(
    listing: Product, *, commodity: Commodity | None, origin_unit: AdministrativeUnit | None, today: date
) -> None:
    listing.commodity = commodity
    listing.category = category_of(commodity) if commodity else None
    listing.origin_unit = origin_unit
    listing.commune = None
    if origin_unit is None:
        return
    is_kept = bool(listing.pk) and listing.origins.filter(unit=origin_unit, valid_to__isnull=True).exists()
    if not is_kept and (origin_unit.level != AdministrativeUnit.Level.COMMUNE or not origin_unit.is_in_force(today)):
        raise OriginNotValidError(unit=origin_unit.name, day=f"{today:%d/%m/%Y}")
    listing.commune = places.translate(unit=origin_unit, on=today)
    if listing.commune is None:
        raise OriginNotValidError(unit=origin_unit.name, day=f"{today:%d/%m/%Y}")


def _date_origin(listing: Product, today: date) -> None:
    """Closes the dated row in force and appends one; a row of today is corrected, for a day has one origin."""
    present = ListingOrigin.objects.filter(product=listing, valid_to__isnull=True).first()
    if present and present.unit_id == listing.origin_unit_id:
        return
    if present and present.valid_from >= today:
        present.delete()
    elif present:
        present.valid_to = today
        present.save()
    if listing.origin_unit:
        ListingOrigin.objects.create(product=listing, unit=listing.origin_unit, valid_from=today)


def _set_category(listing: Product) -> None:
    ProductCategory.objects.filter(product=listing).exclude(category=listing.category).delete()
    if listing.category:
        ProductCategory.objects.get_or_create(product=listing, category=listing.category)


def _close(*, listing: Product, state: State, allowed: set[State], by: User | None, now: datetime) -> Product:
    with transaction.atomic():
        listing = locked_listing(listing)
        if listing.state == state:
            return listing
        if listing.state not in allowed:
            raise TransitionNotAllowedError(state=State(listing.state).label)
        listing.state = state
        end_publication(listing, now)
    _log_change(listing, state.value, by)
    return listing


def _log_change(listing: Product, change: str, by: User | None) -> None:
    _log.info("listing %s %s by user %s", listing.pk, change, by.pk if by else None)


def _partner_of(cooperative: Cooperative) -> Partner:
    """The selling side, locked: two forms with one reference are served one after the other."""
    partner, _created = Partner.objects.get_or_create(
        cooperative=cooperative, defaults={"name": cooperative.short_name}
    )
    return locked(Partner.objects.filter(pk=partner.pk))[0]
