"""What the page of a listing shows."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.cards import cards, stock_words
from catalog.confirmed import certification_data, confirmations, recognition_words
from catalog.descriptions import clean_html
from catalog.models import Product, ProductImage
from catalog.photos import rendition_url, source_set
from catalog.seasons import is_in_season, season_words
from catalog.selectors import more_rows, photos_of
from catalog.structured import breadcrumb_data, photo_url, product_data
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.certificates.selectors import certificates_covering
from cooperatives.commodities.models import ALL_YEAR
from cooperatives.indicators.maps import Place, coverage_map
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.money import format_vnd
from marketplace.common.quantities import SaleUnit, format_quantity

MORE = 4


@dataclass(frozen=True)
class Photo:
    """A photo as parts/photo.html prints it."""

    avif: str
    webp: str
    src: str
    width: int
    height: int
    colour: str


@dataclass(frozen=True)
class Month:
    number: int
    is_in: bool
    is_now: bool


def listing_context(request: HttpRequest, listing: Product, *, today: date) -> dict[str, Any]:
    """The context of catalog/listing.html; three statements, and none that writes."""
    photos = photos_of(listing)
    recognition, certificates = _confirmed(listing, today)
    description = clean_html(listing.description)
    left: int = listing.free_steps  # type: ignore[attr-defined]
    crumbs = [{"label": _("Goods"), "url": reverse("catalogue:index")}]
    if listing.category:
        address = reverse("catalogue:category", args=[listing.category.slug, listing.category_id])
        crumbs.append({"label": listing.category.name, "url": address})
    crumbs.append({"label": listing.title})
    maker, place = listing.cooperative, listing.commune
    return {
        "listing": listing,
        "title": listing.title,
        "price": format_vnd(listing.price_per_unit),
        "unit": str(SaleUnit(listing.sale_unit).label),
        "step": format_quantity(listing.step, listing.sale_unit),
        "add_url": reverse("basket:add", args=[listing.pk]),
        "maker": maker.short_name if maker else "",
        "maker_url": maker.get_absolute_url() if maker else "",
        "seller": maker.name if maker else "",
        "place": place.name if place else "",
        "place_url": place.get_absolute_url() if place else "",
        "province": place.province.name if place and place.province else "",
        "photos": [_photo(photo) for photo in photos],
        "share_picture": request.build_absolute_uri(photo_url(photos[0])) if photos else "",
        "ocop": recognition_words(recognition) if recognition else "",
        "confirmations": confirmations([recognition] if recognition else [], certificates),
        "is_out": left == 0,
        "stock": stock_words(left, listing.step, listing.sale_unit),
        "maximum": left * listing.step,
        "description": description,
        "harvest_on": listing.harvest_on if listing.harvest_on and listing.harvest_on > today else None,
        "season": season_words(listing.season_months) if listing.season_months else "",
        "months": _months(listing.season_months, today.month),
        "in_season": listing.season_months not in (0, ALL_YEAR) and is_in_season(listing.season_months, today.month),
        "map": _map_of(listing.commune),
        "more": cards(more_rows(listing, count=MORE), today=today),
        "crumbs": crumbs,
        "data": [
            product_data(
                request,
                listing,
                photos,
                description=description,
                is_out=left == 0,
                certifications=certification_data(recognition, certificates),
            ),
            breadcrumb_data(request, crumbs),
        ],
    }


def _confirmed(listing: Product, today: date) -> tuple[OcopRecognition | None, list[Certificate]]:
    """What is in force today. One statement: the recognition has come with the listing."""
    recognition = listing.recognition
    if recognition is not None and not recognition.is_in_force(today):
        recognition = None
    if listing.cooperative_id is None:
        return recognition, []
    found = certificates_covering(cooperative_id=listing.cooperative_id, commodity=listing.commodity, on=today)
    return recognition, found


def _photo(photo: ProductImage) -> Photo:
    return Photo(
        avif=source_set(photo.stem, "avif"),
        webp=source_set(photo.stem, "webp"),
        src=rendition_url(photo.stem, 640, "webp"),
        width=photo.width,
        height=photo.height,
        colour=photo.colour,
    )


def _months(mask: int, now: int) -> list[Month]:
    """The year, month by month; none for goods that have no season."""
    if mask in (0, ALL_YEAR):
        return []
    return [Month(number, is_in_season(mask, number), number == now) for number in range(1, 13)]


def _map_of(commune: AdministrativeUnit | None) -> SafeString | None:
    if commune is None or commune.province is None:
        return None
    return _map(commune.province.code, commune.latitude, commune.longitude)


@lru_cache(maxsize=256)
def _map(province_code: str, latitude: float, longitude: float) -> SafeString | None:
    """The province's outline with one spot, without words; drawing it costs more than the rest of the page, so it is kept."""
    spot = Place(
        name="", latitude=latitude, longitude=longitude, rung=None, deliveries=0, is_counted=True, title="", url=""
    )
    drawn = coverage_map(province_code=province_code, places=[spot])
    return render_to_string("parts/minimap.html", {"map": drawn}) if drawn else None
