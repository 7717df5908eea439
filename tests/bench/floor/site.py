"""The floor: three raw SQL statements over the stock shop's tables and one Django template, brought to the size that is asked for."""

from itertools import cycle, islice

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path

PAGE = 20
TOTAL = "SELECT count(*) AS total FROM catalogue_product WHERE is_public"
LISTINGS = """
    SELECT p.id, p.slug, p.title, s.price, s.num_in_stock, r.name AS seller, r.id AS seller_id, i.original AS photo
    FROM catalogue_product p
    JOIN partner_stockrecord s ON s.product_id = p.id
    JOIN partner_partner r ON r.id = s.partner_id
    JOIN catalogue_productimage i ON i.product_id = p.id
    WHERE p.is_public ORDER BY p.id DESC LIMIT %s OFFSET %s
"""
CATEGORIES = "SELECT id, slug, name FROM catalogue_category WHERE is_public ORDER BY path"


def _rows(statement: str, parameters: tuple[int, ...] = ()) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _links_to_fill(size: int, context: dict[str, object], categories: list[dict[str, object]]) -> int:
    """How many category links bring the page to `size` bytes."""
    bare, filled = (len(render_to_string("list.html", context | {"links": some}).encode()) for some in ([], categories))
    return max(0, round((size - bare) / ((filled - bare) / len(categories))))


_fill: dict[int, int] = {}


def listings(request):
    page, size = int(request.GET.get("page", "1")), int(request.GET.get("bytes", "25000"))
    total = _rows(TOTAL)[0]["total"]
    found = _rows(LISTINGS, (PAGE, (page - 1) * PAGE))
    categories = _rows(CATEGORIES)
    context = {"total": total, "page": page, "next": page + 1, "listings": found}
    if size not in _fill:
        _fill[size] = _links_to_fill(size, context, categories)
    return render(request, "list.html", context | {"links": list(islice(cycle(categories), _fill[size]))})


urlpatterns = [path("", listings)]
application = get_wsgi_application()
