"""Card money in the administration: what fits no order and waits to be given back, refunds that did not arrive, disputes.

Money on a cooperative's own account waits in the cooperative's workplace; this is what the marketplace holds.
"""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cms.settlement import permitted
from marketplace.common.errors import DomainError
from marketplace.payment.models import Dispute, Refund, UnmatchedMoney
from marketplace.payment.providers.names import COLLECTING
from marketplace.payment.refunds import refund_unmatched
from marketplace.payment.selectors import failed_in_vain

SETTLE_CARD_MONEY = "payment.change_unmatchedmoney"
_SHOWN = 200


@require_GET
@permitted(SETTLE_CARD_MONEY)
def card_money(request: HttpRequest) -> HttpResponseBase:
    """What waits, the longest first; then what was settled lately, and disputes."""
    ours = UnmatchedMoney.objects.filter(cooperative=None).select_related("attempt__order", "refund", "resolved_by")
    never_or_in_vain = Q(refund=None) | Q(refund__status=Refund.Status.FAILED)
    waiting = ours.filter(never_or_in_vain, status=UnmatchedMoney.Status.OPEN)
    title = _("Card money")
    context = {
        "title": title,
        "header_title": title,
        "page_title": title,
        "header_icon": "warning",
        "waiting": waiting.order_by("occurred_at", "pk")[:_SHOWN],
        "settled": ours.exclude(pk__in=waiting).order_by("-recorded_at", "-pk")[:_SHOWN],
        "returned": Refund.objects.filter(failed_in_vain(), provider__in=COLLECTING)
        .select_related("parcel__order")
        .order_by("-created_at", "-pk")[:_SHOWN],
        "disputes": Dispute.objects.select_related("attempt__order").order_by("-opened_at", "-pk")[:_SHOWN],
    }
    return render(request, "cms/card/money.html", context)


@require_POST
@permitted(SETTLE_CARD_MONEY)
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Promises the money back; the provider is asked by `run_due`. Pressed twice it is one refund."""
    money = get_object_or_404(UnmatchedMoney, pk=pk, cooperative=None)
    try:
        refund_unmatched(money=money, now=timezone.now(), by=request.user, note=request.POST.get("note", ""))  # type: ignore[arg-type]
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is given back to the card within minutes."))
    return redirect("card_money")
