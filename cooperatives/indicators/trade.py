"""How much trade the evidence shows by commune, for the size of the map's symbols."""

from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from cooperatives.linkage.models import SaleEvidence, SaleReduction
from cooperatives.places.selectors import predecessor_map, translation_map


def deliveries_by_unit(*, unit_ids: Collection[int], as_of: date, window_days: int) -> dict[int, int]:
    """Orders delivered from each unit in the window that ends on the day, by the unit valid on it.

    Lines that were bought by the seller's own people, or fully given back by the day, are not counted. Three queries,
    and two more for each reform between the sales and the day.
    """
    sources = set(unit_ids).union(*predecessor_map(unit_ids).values())
    given_back = (
        SaleReduction.objects.filter(sale=OuterRef("pk"), reduced_on__lte=as_of)
        .order_by()
        .values("sale")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    counted = (
        SaleEvidence.objects.filter(
            unit__in=sources,
            by_insider=False,
            paid_on__lte=as_of,
            delivered_on__lte=as_of,
            delivered_on__gt=as_of - timedelta(days=window_days),
        )
        .annotate(given_back=Subquery(given_back))
        .filter(Q(given_back__isnull=True) | Q(given_back__lt=F("amount")))
        .order_by()
        .values_list("unit")
        .annotate(deliveries=Count("order_key", distinct=True))
    )
    rows = dict(counted)
    placed = translation_map(unit_ids=rows, on=as_of)
    found: Counter[int] = Counter()
    for unit, deliveries in rows.items():
        current = placed[unit]
        if current is not None:
            found[current] += deliveries
    return dict(found)
