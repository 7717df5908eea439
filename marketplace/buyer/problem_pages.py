"""Reporting a problem with a parcel, with photos that only the buyer and the cooperative see."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.buyer.acts import UNPROCESSABLE, back_to, parcel_of, person
from marketplace.buyer.forms import ProblemForm
from marketplace.buyer.selectors import photo_of_order
from marketplace.common.errors import DomainError
from marketplace.common.images import ImageRefusedError
from marketplace.common.limits import is_within_limit
from marketplace.order.access import order_for
from marketplace.order.models import Order, Parcel
from marketplace.order.problems import MAXIMUM_PHOTOS, is_reportable, prepare_photos, report_problem

# Photos are decoded here: one order must not keep a server busy.
_REPORTS_AN_HOUR = 10
_HOUR = 3600


@never_cache
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, number: str, parcel_number: str) -> HttpResponse:
    now = timezone.now()
    order = order_for(request, number, now=now)
    parcel = parcel_of(order, parcel_number)
    form = ProblemForm(request.POST, request.FILES) if request.method == "POST" else ProblemForm()
    if form.is_bound and not is_within_limit(what="problem", who=order.number, limit=_REPORTS_AN_HOUR, seconds=_HOUR):
        form.add_error(None, _("You have asked many times. Wait an hour and try again."))
        return _page(request, order, parcel, form, status=429)
    if form.is_bound and form.is_valid() and _is_reported(request, parcel, form):
        messages.success(request, _("Thank you. The cooperative has been told, and answers here."))
        return back_to(order)
    if not form.is_bound and not is_reportable(parcel, now):
        messages.error(request, _("Nothing can be reported for this parcel any more. Call the cooperative."))
        return back_to(order)
    return _page(request, order, parcel, form, status=UNPROCESSABLE if form.errors else 200)


@never_cache
@require_GET
def photo(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    order = order_for(request, number, now=timezone.now())
    found = photo_of_order(order, pk)
    if found is None:
        raise Http404
    return HttpResponse(bytes(found.content), content_type="image/webp")


def _is_reported(request: HttpRequest, parcel: Parcel, form: ProblemForm) -> bool:
    """Whether it was; what was wrong stands at the form otherwise."""
    said = form.cleaned_data
    try:
        photos = prepare_photos(said["photos"])
    except ImageRefusedError as error:
        form.add_error("photos", str(error))
        return False
    try:
        report_problem(
            parcel=parcel,
            key=said["key"],
            kind=said["kind"],
            text=said["text"],
            photos=photos,
            by=person(request),
            now=timezone.now(),
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


def _page(request: HttpRequest, order: Order, parcel: Parcel, form: ProblemForm, *, status: int) -> HttpResponse:
    context = {"order": order, "parcel": parcel, "form": form, "maximum": MAXIMUM_PHOTOS}
    return render(request, "order/problem.html", context, status=status)
