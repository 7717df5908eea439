"""Money between the cooperative and the marketplace: what is owed now and why, and the statements."""

from typing import cast

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.pages import Pages, page_links
from marketplace.portal.access import Workplace, settlement_statement_for
from marketplace.portal.pages import at_work, page, page_number, private
from marketplace.portal.requests import WorkRequest
from marketplace.settlement import selectors
from marketplace.settlement.columns import COLUMNS, OWED, rows_of, totals_of
from marketplace.settlement.models import Bill, Payout, Statement
from marketplace.settlement.papers import NoPangoError, part_of, statement_html, statement_pdf
from marketplace.settlement.sheets import balance_label, statement_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@at_work
def settlement(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    standing = selectors.standing_of(workplace.cooperative.pk)
    found = Paginator(selectors.open_parcels(workplace.cooperative.pk), selectors.PARCELS_PER_PAGE)
    shown = found.get_page(page_number(request))
    waits = _waits()
    context = {
        "standing": standing,
        "owed": abs(standing.owed),
        "owed_label": _owed_label(standing.owed),
        "parts": [(column.label, column.sign * standing.columns[column.name]) for column in OWED],
        "rows": [
            (row, waits[row.waits_for])
            for row in selectors.open_rows(workplace.cooperative.pk, list(shown.object_list), today=request.today)
        ],
        "pages": _pages(shown.number, found.num_pages),
        "statements": [_statement_row(row) for row in selectors.statements_of(workplace.cooperative.pk)],
    }
    return page(request, "settlement", workplace, context)


@require_GET
@private
def statement(request: WorkRequest, number: str) -> HttpResponse:
    found = settlement_statement_for(request.user, number=number, today=request.today)
    count = max(1, -(-selectors.item_count(found) // selectors.PARCELS_PER_PAGE))
    shown = min(page_number(request), count)
    start = (shown - 1) * selectors.PARCELS_PER_PAGE
    totals = totals_of(found)
    context = {
        "statement": found,
        "row": _statement_row(found),
        "parts": [(column.label, totals[column.name]) for column in COLUMNS],
        "rows": list(rows_of(found, start=start, stop=start + selectors.PARCELS_PER_PAGE)),
        "balance": abs(found.balance),
        "balance_label": balance_label(found),
        "pages": _pages(shown, count),
    }
    return page(request, "statement", Workplace(found.cooperative, ()), context)


@require_GET
@private
def statement_xlsx(request: WorkRequest, number: str) -> HttpResponse:
    found = settlement_statement_for(request.user, number=number, today=request.today)
    file = statement_workbook(found)
    answer = FileResponse(file, as_attachment=True, filename=f"{found.number}.xlsx", content_type=XLSX)
    return cast("HttpResponse", answer)


@require_GET
@private
def statement_paper(request: WorkRequest, number: str) -> HttpResponse:
    """A PDF, or a page to be printed where the machine cannot make one."""
    found = settlement_statement_for(request.user, number=number, today=request.today)
    part = part_of(found, page_number(request))
    if part is None:
        raise Http404
    try:
        paper = statement_pdf(found, part)
    except NoPangoError:
        return HttpResponse(statement_html(found, part))
    name = found.number if part.is_only else f"{found.number}-{part.number}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(paper, content_type="application/pdf", headers=headers)


def _pages(number: int, count: int) -> Pages:
    return page_links(number=number, count=count, url_of=lambda wanted: f"?trang={wanted}")


def _waits() -> dict[str, str]:
    return {
        "delivery": _("It is not delivered yet"),
        "window": _("It may still come back"),
        "refund": _("A refund is on its way"),
        "dispute": _("The card holder's bank asks the money back"),
        "sweep": _("It comes with the next statement"),
    }


def _owed_label(owed: int) -> str:
    if owed > 0:
        return _("The marketplace owes you")
    return _("You owe the marketplace") if owed < 0 else _("Nobody owes anything")


def _statement_row(found: Statement) -> dict[str, object]:
    """A statement with the words for what became of it."""
    payout: Payout | None = getattr(found, "payout", None)
    bill: Bill | None = getattr(found, "bill", None)
    concluded = payout or bill
    is_paid = concluded is not None and concluded.status == "paid"
    return {
        "statement": found,
        "state": concluded.get_status_display() if concluded else _("Nothing is to be paid"),
        "tag": "tag--good" if is_paid else "",
        "paid_at": concluded.paid_at if concluded else None,
        "reference": concluded.reference if concluded else "",
        "account": payout.bank_account if payout else None,
    }
