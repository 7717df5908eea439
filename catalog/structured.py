"""schema.org data for search engines, as plain dictionaries; {% structured_data %} prints them."""

from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest

from catalog.descriptions import text_from_html
from catalog.models import Product, ProductImage
from cooperatives.models import Cooperative
from marketplace.common.quantities import SaleUnit

Data = dict[str, Any]


def breadcrumb_data(request: HttpRequest, crumbs: list[dict[str, str]]) -> Data:
    """The way to the page; the last crumb is the page itself."""
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "name": crumb["label"],
            "item": request.build_absolute_uri(crumb.get("url", request.path)),
        }
        for position, crumb in enumerate(crumbs, 1)
    ]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}


def product_data(
    request: HttpRequest,
    listing: Product,
    photos: list[ProductImage],
    *,
    description: str,
    is_out: bool,
    certifications: list[Data],
) -> Data:
    """The listing, with its description in clean HTML, as a Product with one Offer; the price is that of one unit.

    `certifications` are what it and its maker are certified for (catalog.confirmed).
    """
    price = {
        "@type": "UnitPriceSpecification",
        "price": int(listing.price_per_unit),
        "priceCurrency": "VND",
        "unitText": str(SaleUnit(listing.sale_unit).label),
        "valueAddedTaxIncluded": True,
    }
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": listing.title,
        "sku": str(listing.pk),
        "description": text_from_html(description)[:500],
        "image": [request.build_absolute_uri(photo_url(photo)) for photo in photos],
        "countryOfOrigin": "VN",
        **({"hasCertification": certifications} if certifications else {}),
        "offers": {
            "@type": "Offer",
            "url": request.build_absolute_uri(request.path),
            "price": int(listing.price_per_unit),
            "priceCurrency": "VND",
            "priceSpecification": price,
            "availability": f"https://schema.org/{'OutOfStock' if is_out else 'InStock'}",
            "seller": {"@type": "Organization", "name": listing.cooperative.name if listing.cooperative else ""},
        },
    }


def organization_data(request: HttpRequest, cooperative: Cooperative) -> Data:
    """The cooperative as an Organization, with what its public profile shows."""
    data = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": cooperative.name,
        "alternateName": cooperative.short_name,
        "url": request.build_absolute_uri(request.path),
        "taxID": cooperative.registration_number,
        "address": {"@type": "PostalAddress", "streetAddress": cooperative.street_address, "addressCountry": "VN"},
    }
    if cooperative.phone:
        data["telephone"] = str(cooperative.phone)
    return data


def photo_url(photo: ProductImage) -> str:
    """The photo as JPEG: what search engines and messengers read."""
    return default_storage.url(f"{photo.stem}.jpg")
