"""The cooperative's goods: stock, pause and resume, and the one-screen form."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog import services
from catalog.forms import ListingForm, StockForm
from catalog.models import Product
from catalog.pages import page_links
from catalog.photos import remove_photo
from cooperatives.models import Cooperative
from cooperatives.partner.services import adjust_stock
from cooperatives.selectors import communes_served
from marketplace.common.errors import DomainError
from marketplace.common.quantities import format_quantity, quantity_from_steps
from marketplace.portal import access, selectors
from marketplace.portal.access import Workplace
from marketplace.portal.pages import at_work, page, page_number, private
from marketplace.portal.publishing import put_on_sale
from marketplace.portal.requests import WorkRequest
from marketplace.portal.rows import listing_row, stock_of

_STATES = {
    "tam-dung": services.pause_listing,
    "ban": put_on_sale,
    "go": services.withdraw_listing,
}


@require_GET
@at_work
def listings(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    return _listings(request, workplace)


@require_POST
@private
def stock(request: WorkRequest, pk: int) -> HttpResponse:
    """Sets the stock to what was typed, or moves it by one step."""
    listing = access.listing_for(request.user, pk=pk, today=request.today)
    record = stock_of(listing)
    form = StockForm(request.POST, listing=listing)
    error = ""
    try:
        if form.is_valid():
            steps = max(0, form.cleaned_data["stock"] + {"+": 1, "-": -1}.get(request.POST.get("by", ""), 0))
            adjust_stock(stockrecord=record, new_quantity=steps, by=request.user, at=request.now)
        else:
            error = str(form.errors["stock"][0])
    except DomainError as refusal:
        error = str(refusal)
    typed = request.POST.get("stock", "")[:20] if error else ""
    if request.htmx:
        row = listing_row(listing, error=error, typed=typed)
        return render(request, "portal/parts/listing.html", {"row": row, "is_saved": not error})
    if error:
        workplace = access.workplace_of(listing)
        return _listings(request, workplace, wrong={pk: (error, typed)}, status=422)
    shown = format_quantity(quantity_from_steps(record.num_in_stock or 0, listing.step), listing.sale_unit)
    messages.success(request, _("%(listing)s: %(quantity)s now.") % {"listing": listing.title, "quantity": shown})
    return redirect(f"{reverse('portal:listings')}?trang={page_number(request)}")


@require_http_methods(["GET", "POST"])
@private
def state(request: WorkRequest, pk: int, slug: str) -> HttpResponse:
    """Pauses, puts on sale or withdraws; withdrawing is asked on a page first."""
    listing = access.listing_for(request.user, pk=pk, today=request.today)
    change = _STATES.get(slug)
    if change is None or (request.method == "GET" and slug != "go"):
        raise Http404
    if request.method == "GET":
        return page(request, "withdraw", access.workplace_of(listing), {"listing": listing})
    try:
        listing = change(listing=listing, by=request.user, now=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = {"listing": listing.title, "state": listing.get_state_display()}
        messages.success(request, _("%(listing)s: %(state)s.") % said)
    return redirect("portal:listings")


@require_http_methods(["GET", "POST"])
@at_work
def listing_new(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    form = _form(request, workplace.cooperative, None)
    if request.method == "POST" and form.is_valid():
        listing = _create(request, workplace.cooperative, form)
        if listing is not None:
            return redirect("portal:listings")
    context = {"form": form, "listing": None}
    return page(request, "listing_form", workplace, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@private
def listing_edit(request: WorkRequest, pk: int) -> HttpResponse:
    listing = access.listing_for(request.user, pk=pk, today=request.today)
    if listing.state == Product.State.WITHDRAWN:
        raise Http404
    workplace = access.workplace_of(listing)
    form = _form(request, workplace.cooperative, listing)
    if request.method == "POST" and form.is_valid() and _edit(request, listing, form):
        return redirect("portal:listings")
    context = {"form": form, "listing": listing, "photos": listing.images.all()}
    return page(
        request,
        "listing_form",
        workplace,
        context,
        status=422 if form.errors else 200,
    )


@require_POST
@private
def photo_remove(request: WorkRequest, pk: int, photo: int) -> HttpResponse:
    listing = access.listing_for(request.user, pk=pk, today=request.today)
    row = get_object_or_404(listing.images, pk=photo)
    try:
        remove_photo(photo=row)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The photo is removed."))
    return redirect("portal:listing_edit", pk=pk)


def _listings(
    request: WorkRequest,
    workplace: Workplace,
    *,
    wrong: dict[int, tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = selectors.listing_page(workplace.cooperative, page=page_number(request))
    rows = []
    for listing in found.rows:
        error, typed = (wrong or {}).get(listing.pk, ("", ""))
        rows.append(listing_row(listing, error=error, typed=typed))
    pages = page_links(number=found.number, count=found.count, url_of=lambda number: f"?trang={number}")
    return page(request, "listings", workplace, {"rows": rows, "pages": pages}, status=status)


def _form(request: WorkRequest, cooperative: Cooperative, listing: Product | None) -> ListingForm:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return ListingForm(
        *sent,
        cooperative=cooperative,
        communes=communes_served(cooperative=cooperative, on=request.today),
        now=request.now,
        listing=listing,
        user_id=request.user.pk,
    )


def _create(request: WorkRequest, cooperative: Cooperative, form: ListingForm) -> Product | None:
    try:
        listing = services.create_listing(cooperative=cooperative, by=request.user, now=request.now, **form.told())
    except DomainError as error:
        form.refuse(error)
        return None
    if "draft" in request.POST:
        messages.success(request, _("%(listing)s is kept as a draft.") % {"listing": listing.title})
        return listing
    try:
        put_on_sale(listing=listing, by=request.user, now=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(listing)s is on sale.") % {"listing": listing.title})
    return listing


def _edit(request: WorkRequest, listing: Product, form: ListingForm) -> bool:
    try:
        services.edit_listing(listing=listing, by=request.user, now=request.now, **form.told())
    except DomainError as error:
        form.refuse(error)
        return False
    messages.success(request, _("%(listing)s is saved.") % {"listing": listing.title})
    return True
