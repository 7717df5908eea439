"""Loads the facts of a scope for an interval of days: a fixed number of queries, none that grows with the rows."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from cooperatives.commodities.models import Commodity
from cooperatives.indicators.enough import KeyAmong, changes_of, hardly_placed, pairs_of, sales_that_tell
from cooperatives.indicators.facts import (
    Activity,
    Area,
    Contact,
    Facts,
    Key,
    Listing,
    Model,
    Participation,
    Sale,
    Served,
    Status,
)
from cooperatives.indicators.geography import MANY, Geography, complete_units, everywhere, load_geography
from cooperatives.linkage.models import (
    BuyerContact,
    KeyProduct,
    LinkageArea,
    LinkageModel,
    LinkageParticipant,
    LinkageStatus,
    ListingEvidence,
    SaleEvidence,
    SaleReduction,
)
from cooperatives.models import CooperativeActivity, CooperativeCommune
from cooperatives.places.models import AdministrativeUnit


class ModelLabel(NamedTuple):
    code: str
    name: str
    commodity: str


@dataclass(frozen=True)
class Loaded:
    """Plain facts for the calculation, and the names to dress its answer with."""

    facts: Facts
    geography: Geography
    labels: dict[int, ModelLabel]


@dataclass(frozen=True)
class _Interval:
    """The days asked about; evidence may be older by the window."""

    first: date
    last: date
    opened: date

    def overlaps(self) -> Q:
        return Q(valid_from__lte=self.last) & (Q(valid_to__isnull=True) | Q(valid_to__gt=self.first))


def load(
    *,
    areas: Collection[AdministrativeUnit | None],
    first: date,
    last: date,
    window_days: int,
    enough_buyers: int | None = None,
) -> Loaded:
    """Facts for every day of [first, last]; `areas` are the units that stand for the scope on those days.

    Of one day, `enough_buyers` leaves out sales that add nothing once so many buyers are known.
    """
    interval = _Interval(first, last, first - timedelta(days=window_days))
    geography = load_geography(areas=areas, first=first, last=last)
    # For the country every sale is read anyway: any of their units may be one that cannot be placed.
    enough = enough_buyers if first == last and geography.related is not None else None
    return _load(geography, _models_of(geography, interval), _keys(geography, interval), interval, enough)


def load_model(*, linkage_id: int, day: date, window_days: int) -> Loaded:
    """Facts of one model wherever its communes lie, for one day; without key products and units of a scope."""
    interval = _Interval(day, day, day - timedelta(days=window_days))
    return _load(everywhere(), LinkageModel.objects.filter(pk=linkage_id), [], interval)


def _load(
    geography: Geography,
    linkages: QuerySet[LinkageModel],
    keys: list[Key],
    interval: _Interval,
    enough_buyers: int | None = None,
) -> Loaded:
    models, labels = _models(linkages)
    own = set(labels)
    participations = _participations(own, interval)
    cooperatives = {row.cooperative for row in participations}
    paths = dict(Commodity.objects.order_by().values_list("pk", "path"))
    sales = _sales(cooperatives, interval)
    if enough_buyers is not None:
        sales = _telling(sales, models, participations, paths, geography, interval, enough_buyers)
    reductions, amounts = _reductions(cooperatives, interval)
    facts = Facts(
        units=geography.units,
        communes=geography.kinds(),
        districts=frozenset(geography.districts),
        districts_of=geography.districts_of,
        lineage={},
        reported_units=geography.related,
        models=models,
        statuses=_statuses(own, interval),
        participations=participations,
        areas=_areas(own, interval),
        served=_served(geography, cooperatives, interval),
        activities=_activities(cooperatives, interval),
        keys=keys,
        listings=_listings(cooperatives, interval),
        sales=_read_sales(sales, cooperatives),
        reductions=reductions,
        amounts=amounts,
    )
    facts = replace(facts, lineage=_lineage(facts, paths), contacts=_contacts(facts.sales, interval))
    complete_units(geography.units, _touched(facts), interval.last)
    return Loaded(facts, geography, labels)


def _models_of(geography: Geography, interval: _Interval) -> QuerySet[LinkageModel]:
    """Models with an area row in the scope, or with a cooperative that served it, at any time up to the last day."""
    rows = LinkageModel.objects.order_by("code").filter(interval.overlaps())
    if geography.related is None:
        return rows
    here = geography.among_related("unit")
    with_area = LinkageArea.objects.filter(here).order_by().values("linkage_id")
    serving = CooperativeCommune.objects.filter(here).order_by().values("cooperative_id")
    with_servant = LinkageParticipant.objects.filter(cooperative__in=serving).order_by().values("linkage_id")
    return rows.filter(Q(pk__in=with_area) | Q(pk__in=with_servant))


def _models(rows: QuerySet[LinkageModel]) -> tuple[list[Model], dict[int, ModelLabel]]:
    models, labels = [], {}
    for pk, commodity, valid_from, valid_to, code, name, commodity_name in rows.values_list(
        "pk", "commodity_id", "valid_from", "valid_to", "code", "name", "commodity__name"
    ):
        models.append(Model(pk, commodity, valid_from, valid_to))
        labels[pk] = ModelLabel(code, name, commodity_name)
    return models, labels


def _participations(own: Collection[int], interval: _Interval) -> list[Participation]:
    rows = LinkageParticipant.objects.order_by().filter(valid_from__lte=interval.last)
    names = ("linkage_id", "cooperative_id", "valid_from", "valid_to")
    return list(_dated(_among(rows, "linkage_id", own), Participation, *names, only=("model", own)))


def _areas(own: Collection[int], interval: _Interval) -> list[Area]:
    """With rows that have ended: a model that ever had an area does not fall back on the communes served."""
    rows = LinkageArea.objects.order_by("pk").filter(valid_from__lte=interval.last)
    names = ("pk", "linkage_id", "unit_id", "valid_from", "valid_to")
    return list(_dated(_among(rows, "linkage_id", own), Area, *names, only=("model", own)))


def _statuses(own: Collection[int], interval: _Interval) -> list[Status]:
    rows = LinkageStatus.objects.filter(decided_on__lte=interval.last).order_by("decided_on", "recorded_at", "pk")
    return list(
        _dated(_among(rows, "linkage_id", own), Status, "linkage_id", "decided_on", "status", only=("model", own))
    )


def _served(geography: Geography, cooperatives: Collection[int], interval: _Interval) -> list[Served]:
    rows = _among(CooperativeCommune.objects.order_by("pk"), "cooperative_id", cooperatives).filter(interval.overlaps())
    found = _dated(
        rows, Served, "pk", "cooperative_id", "unit_id", "valid_from", "valid_to", only=("cooperative", cooperatives)
    )
    return [row for row in found if geography.is_related(row.unit)]


def _activities(cooperatives: Collection[int], interval: _Interval) -> list[Activity]:
    rows = _among(CooperativeActivity.objects.order_by(), "cooperative_id", cooperatives).filter(interval.overlaps())
    return list(_dated(rows, Activity, "cooperative_id", "valid_from", "valid_to", only=("cooperative", cooperatives)))


def _keys(geography: Geography, interval: _Interval) -> list[Key]:
    rows = KeyProduct.objects.filter(geography.among_related("unit") & interval.overlaps()).order_by("pk")
    found = _dated(rows, Key, "pk", "unit_id", "commodity_id", "valid_from", "valid_to")
    return [row for row in found if geography.is_related(row.unit)]


def _listings(cooperatives: Collection[int], interval: _Interval) -> list[Listing]:
    rows = _among(ListingEvidence.objects.order_by("pk"), "cooperative_id", cooperatives).filter(
        Q(last_on__isnull=True) | Q(last_on__gt=interval.opened), first_on__lte=interval.last
    )
    return list(
        _dated(
            rows, Listing, "pk", "cooperative_id", "commodity_id", "unit_id", "first_on", "last_on",
            only=("cooperative", cooperatives),
        )
    )  # fmt: skip


def _sales(cooperatives: Collection[int], interval: _Interval) -> QuerySet[SaleEvidence]:
    component = BuyerContact.objects.filter(order_key=OuterRef("order_key")).values("component")[:1]
    return (
        _among(SaleEvidence.objects.order_by(), "cooperative_id", cooperatives)
        .filter(
            by_insider=False,
            amount__gt=0,
            delivered_on__gt=interval.opened,
            delivered_on__lte=interval.last,
            paid_on__lte=interval.last,
        )
        .annotate(component=Subquery(component))
    )


def _telling(
    sales: QuerySet[SaleEvidence],
    models: Iterable[Model],
    participations: Iterable[Participation],
    paths: dict[int, str],
    geography: Geography,
    interval: _Interval,
    enough: int,
) -> QuerySet[SaleEvidence]:
    """Enough of the sales; all of them where some may have a unit that cannot be placed, which is reported."""
    lost = hardly_placed(geography.units, geography.related or (), interval.last)
    if lost and sales.filter(unit__in=lost).exists():
        return sales
    return sales_that_tell(
        sales,
        pairs=pairs_of(models, participations, paths),
        changes=changes_of(models, participations, opened=interval.opened, on=interval.last),
        enough=enough,
        opened=interval.opened,
        on=interval.last,
    )


def _read_sales(rows: QuerySet[Any], cooperatives: Collection[int]) -> list[Sale]:
    known = rows.values_list(
        "pk", "order_key", "component", "cooperative_id", "commodity_id", "unit_id", "delivered_on", "paid_on"
    )
    return [
        Sale(pk, order_key, component or 0, cooperative, *rest)
        for pk, order_key, component, cooperative, *rest in known.iterator(chunk_size=5_000)
        if cooperative in cooperatives
    ]


def _reductions(
    cooperatives: Collection[int], interval: _Interval
) -> tuple[dict[int, list[tuple[date, Decimal]]], dict[int, Decimal]]:
    """What was given back of each line, and what had been charged for it."""
    rows = _among(SaleReduction.objects.order_by(), "sale__cooperative_id", cooperatives).filter(
        reduced_on__lte=interval.last, sale__delivered_on__gt=interval.opened
    )
    found: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    charged: dict[int, Decimal] = {}
    for sale, reduced_on, amount, whole in rows.values_list("sale_id", "reduced_on", "amount", "sale__amount"):
        found[sale].append((reduced_on, amount))
        charged[sale] = whole
    return found, charged


def _contacts(sales: Iterable[Sale], interval: _Interval) -> dict[int, list[Contact]]:
    """The orders of components with several orders among the sales: on a day they may be several buyers.

    They may only where an order came after the first day asked about: without one, all that joins the component had
    been placed, and the component is one buyer.
    """
    joined = BuyerContact.objects.filter(placed_on__gt=interval.first).order_by()
    later = set(joined.values_list("component", flat=True).distinct())
    orders = Counter(component for component, _key in {(sale.component, sale.order_key) for sale in sales})
    several = [component for component, count in orders.items() if component in later and count > 1]
    found: dict[int, list[Contact]] = defaultdict(list)
    for start in range(0, len(several), 10_000):
        rows = BuyerContact.objects.filter(
            component__in=several[start : start + 10_000], placed_on__lte=interval.last
        ).order_by("pk")
        known: Iterable[Any] = rows.values_list("component", "order_key", "placed_on", "account", "phone", "email")
        for component, *contact in known:
            found[component].append(Contact(*contact))
    return found


def _lineage(facts: Facts, paths: Mapping[int, str]) -> dict[int, frozenset[int]]:
    """Each commodity with its ancestors, read from treebeard's paths."""
    keys = {path: pk for pk, path in paths.items()}
    step = Commodity.steplen
    wanted = {row.commodity for rows in (facts.models, facts.listings, facts.sales) for row in rows}  # type: ignore[attr-defined]
    return {pk: frozenset(keys[paths[pk][:end]] for end in range(step, len(paths[pk]) + 1, step)) for pk in wanted}


def _touched(facts: Facts) -> set[int]:
    rows = (facts.areas, facts.served, facts.keys, facts.listings, facts.sales)
    return {row.unit for some in rows for row in some}  # type: ignore[attr-defined]


def _among(rows: QuerySet, name: str, keys: Collection[int]) -> QuerySet:
    """Rows of the keys; of many keys all rows, and `_dated` leaves out the others."""
    return rows.filter(KeyAmong(F(name), keys)) if len(keys) <= MANY else rows


def _dated(rows: QuerySet, fact: type, *names: str, only: tuple[str, Collection[int]] | None = None) -> Iterator:
    """The rows as plain facts; `only` names a field and the keys that it may have."""
    facts = map(fact._make, rows.values_list(*names))  # type: ignore[attr-defined]
    if only is None:
        return facts
    name, keys = only
    return (row for row in facts if getattr(row, name) in keys)
