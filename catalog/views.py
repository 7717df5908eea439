"""The storefront's lists and the page of a listing."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.choices import Facet, read_choice
from catalog.listing_page import listing_context
from catalog.lists import listing_list
from catalog.selectors import categories_below, public_categories, public_listing
from catalog.structured import breadcrumb_data
from marketplace.common.dates import local_day


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All listings. Communes and cooperatives have lists of their own: as facets they come with the first narrowing."""
    hidden = [] if read_choice(request.GET).is_filtered else [Facet.COMMUNE, Facet.COOPERATIVE]
    crumbs = [{"label": _("Goods")}]
    context = {
        "list": listing_list(request, hidden=hidden),
        "has_other_ways": bool(hidden),
        "title": _("All goods"),
        "crumbs": crumbs,
        "data": breadcrumb_data(request, crumbs),
    }
    return render(request, "catalog/listing_list.html", context)


@require_safe
def category(request: HttpRequest, category_slug: str, pk: int) -> HttpResponse:
    """Listings of a category and of those below it. 404 for one that is not shown."""
    categories = public_categories()
    entry = categories.get(pk)
    if entry is None:
        raise Http404
    if entry.slug != category_slug:
        return redirect("catalogue:category", category_slug=entry.slug, pk=pk, permanent=True)
    below = categories_below(entry, categories)
    hidden = [Facet.CATEGORY] if len(below) == 1 else []
    within = {key: categories[key] for key in below if key != pk}
    crumbs = [{"label": _("Goods"), "url": reverse("catalogue:index")}, {"label": entry.name}]
    context = {
        "list": listing_list(
            request, categories=within, within={"category_id__in": tuple(sorted(below))}, hidden=hidden
        ),
        "title": entry.name,
        "crumbs": crumbs,
        "data": breadcrumb_data(request, crumbs),
    }
    return render(request, "catalog/listing_list.html", context)


@require_safe
def detail(request: HttpRequest, product_slug: str, pk: int) -> HttpResponse:
    """One listing. 404 for one that is not on sale; a former address leads to the present one."""
    listing = public_listing(pk)
    if listing is None:
        raise Http404
    if listing.slug != product_slug:
        return redirect(listing, permanent=True)
    context = listing_context(request, listing, today=local_day(timezone.now()))
    return render(request, "catalog/listing.html", context)
