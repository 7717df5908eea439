"""Problems that buyers report: their list, one with its photos, and the answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from catalog.pages import page_links
from marketplace.common.errors import DomainError
from marketplace.order.problems import answer_problem
from marketplace.portal import access, problems
from marketplace.portal.access import Workplace
from marketplace.portal.forms import AnswerForm
from marketplace.portal.pages import at_work, page, page_number, private
from marketplace.portal.requests import WorkRequest


@require_GET
@at_work
def problem_list(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    found = problems.problem_page(workplace.cooperative, page=page_number(request))
    pages = page_links(number=found.number, count=found.count, url_of=lambda number: f"?trang={number}")
    return page(request, "problems", workplace, {"problems": found.rows, "pages": pages})


@require_http_methods(["GET", "POST"])
@private
def problem(request: WorkRequest, pk: int) -> HttpResponse:
    found = access.problem_for(request.user, pk=pk, today=request.today)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            answer_problem(problem=found, answer=form.cleaned_data["answer"], by=request.user, now=request.now)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The buyer has been told."))
        return redirect("portal:problem", pk=pk)
    context = {
        "problem": found,
        "parcel": found.parcel,
        "form": form,
        "is_refundable": found.parcel.amount_received > found.parcel.amount_refunded,
        "photos": [photo.pk for photo in found.photos.all()],
    }
    return page(request, "problem", access.workplace_of(found.parcel), context, status=422 if form.errors else 200)


@require_GET
@private
def problem_photo(request: WorkRequest, pk: int) -> HttpResponse:
    """A photo of a problem, for the people of its cooperative."""
    found = access.problem_photo_for(request.user, pk=pk, today=request.today)
    return HttpResponse(bytes(found.content), content_type="image/webp")
