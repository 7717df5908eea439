"""What the public coverage pages show, made from results: texts, addresses, map and charts; no queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cooperatives.indicators.charts import Chart, Point, percentage, quarter_chart
from cooperatives.indicators.maps import Map, Place, band, coverage_map
from cooperatives.indicators.models import IndicatorTarget
from cooperatives.indicators.results import CoverageResult, DistrictResult, IndicatorResult, Series, Target, UnitResult
from cooperatives.places.dataset import RESTRUCTURED_ON
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.dates import quarter_ends

BAND_LABELS = (
    gettext_lazy("none"),
    gettext_lazy("1 to 9"),
    gettext_lazy("10 to 49"),
    gettext_lazy("50 to 199"),
    gettext_lazy("200 and more"),
)
ANCHORS = {"L1": "#xa", "L2": "#huyen", "L3": "#mo-hinh"}


@dataclass(frozen=True)
class UnitRow:
    """A line of the table by unit."""

    name: str
    kind: str
    url: str
    rung: int | None
    is_counted: bool
    districts: str
    models: int
    deliveries: str
    has_two_former_districts: bool


@dataclass(frozen=True)
class DistrictRow:
    name: str
    url: str
    communes: int
    covered: int
    is_covered: bool
    is_traded: bool


@dataclass(frozen=True)
class QuarterRow:
    """A quarter's end in the table; without cells where the scope has no value."""

    on: date
    unit_system: str
    is_provisional: bool
    url: str
    cells: Sequence["QuarterCell"]


@dataclass(frozen=True)
class Share:
    """A percentage with its fraction; a dash for "no value"."""

    share: str
    count: str


@dataclass(frozen=True)
class QuarterCell:
    traded: Share
    declared: Share


@dataclass(frozen=True)
class IndicatorChart:
    code: str
    title: str
    chart: Chart | None


@dataclass(frozen=True)
class DayLink:
    """A day to jump to."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class RungCount:
    rung: int | None
    count: int
    is_measurable: bool = True


def rung_counts(result: CoverageResult) -> list[RungCount]:
    """How many commune-level units stand on each rung, from the uncovered up; levels without a measure come last."""
    counted = [RungCount(rung, count) for rung, count in result.rungs.items()]
    return counted + [RungCount(level, 0, is_measurable=False) for level in result.unmeasurable_levels]


def day_links(today: date, as_of: date, district: str) -> list[DayLink]:
    """Today, the last four ends of quarters, and both sides of the restructuring."""
    address = reverse("indicators:coverage")
    ends = quarter_ends(today - timedelta(days=370), today - timedelta(days=1))[-4:][::-1]
    before = RESTRUCTURED_ON - timedelta(days=1)
    days = {today: _("Today")}
    days |= {day: f"{day:%d/%m/%Y}" for day in ends}
    days |= {
        RESTRUCTURED_ON: _("%(day)s (first day of the new communes)") % {"day": f"{RESTRUCTURED_ON:%d/%m/%Y}"},
        before: _("%(day)s (last day of the former communes)") % {"day": f"{before:%d/%m/%Y}"},
    }
    return [
        DayLink(label, with_day(address, None if day == today else day, huyen=district), day == as_of)
        for day, label in days.items()
        if day <= today
    ]


@dataclass(frozen=True)
class DownloadLink:
    label: str
    url: str


def download_links(as_of: date, district: str) -> list[DownloadLink]:
    """Files of the day's figures; their address names the day even where it is today."""
    address = reverse("indicators:coverage")
    return [
        DownloadLink(label, with_day(address, as_of, huyen=district, **{"dinh-dang": name}))
        for name, label in (("xlsx", _("Download as Excel")), ("json", _("Download as JSON")))
    ]


def with_day(address: str, as_of: date | None, **more: str) -> str:
    """The address at a day; None is today and needs no day."""
    query = {**({"ngay": f"{as_of:%d/%m/%Y}"} if as_of else {}), **{key: value for key, value in more.items() if value}}
    return f"{address}?{urlencode(query)}" if query else address


def unit_url(unit: AdministrativeUnit, as_of: date | None) -> str:
    return with_day(reverse("indicators:unit", kwargs={"slug": unit.slug}), as_of)


def linkage_url(code: str, as_of: date | None, **more: str) -> str:
    return with_day(reverse("indicators:linkage", kwargs={"code": code}), as_of, **more)


def target_text(target: Target) -> str:
    """As "trên 70 %" or "từ 50 %"."""
    share = f"{target.percentage.normalize():f}".replace(".", ",") + "\u00a0%"
    if target.comparison == IndicatorTarget.Comparison.MORE_THAN:
        return _("more than %(share)s") % {"share": share}
    return _("at least %(share)s") % {"share": share}


def figure(indicator: IndicatorResult, result: CoverageResult) -> dict[str, Any]:
    """The context of parts/figure_card.html."""
    declared, traded = indicator.percentage, indicator.traded_percentage
    rule = _("rule %(version)s") % {"version": result.rule_version}
    title = indicator.label
    if indicator.code == "L2" and result.is_on_former_districts:
        title = _("%(indicator)s (former districts)") % {"indicator": title}
    return {
        "code": indicator.code,
        "title": title,
        "percent": None if declared is None else percentage(declared),
        "traded_percent": None if traded is None else percentage(traded),
        "numerator": indicator.numerator,
        "traded": indicator.traded,
        "denominator": indicator.denominator,
        "target": target_text(indicator.target) if indicator.target else "",
        "declared_width": round(declared or 0),
        "traded_width": round(traded or 0),
        "target_at": round(indicator.target.percentage) if indicator.target else 0,
        "as_of": result.as_of,
        "rule": " · ".join([rule, _("provisional")]) if result.is_provisional else rule,
        "url": ANCHORS[indicator.code],
    }


def figures(result: CoverageResult) -> list[dict[str, Any]]:
    return [figure(indicator, result) for indicator in result.indicators]


def unit_rows(
    units: Sequence[UnitResult],
    *,
    districts: Sequence[DistrictResult],
    deliveries: Mapping[int, int],
    as_of: date | None,
) -> list[UnitRow]:
    """The units, those on the highest rung first, then by name."""
    names = {district.unit.pk: district.unit.short_name for district in districts}
    rows = [
        UnitRow(
            name=unit.name,
            kind=str(AdministrativeUnit.Kind(unit.kind).label),
            url=unit_url(unit.unit, as_of),
            rung=unit.rung,
            is_counted=unit.is_counted,
            districts=", ".join(names[pk] for pk in unit.district_ids if pk in names),
            models=len(unit.models),
            deliveries=str(BAND_LABELS[band(deliveries.get(unit.unit.pk, 0))]),
            has_two_former_districts=unit.has_two_former_districts,
        )
        for unit in units
    ]
    return sorted(rows, key=lambda row: (-1 if row.rung is None else row.rung, row.models), reverse=True)


def district_rows(result: CoverageResult, *, as_of: date | None) -> list[DistrictRow]:
    covered = {unit.unit.pk for unit in result.units if unit.is_covered}
    address = reverse("indicators:coverage")
    return [
        DistrictRow(
            name=district.unit.name,
            url=with_day(address, as_of, huyen=district.unit.slug) + "#xa",
            communes=len(district.unit_ids),
            covered=len(covered.intersection(district.unit_ids)),
            is_covered=district.is_covered,
            is_traded=district.is_traded,
        )
        for district in result.districts
    ]


def unit_map(
    units: Sequence[UnitResult], *, deliveries: Mapping[int, int], province_code: str, as_of: date | None
) -> Map | None:
    places = [
        Place(
            name=unit.unit.short_name,
            latitude=unit.unit.latitude,
            longitude=unit.unit.longitude,
            rung=unit.rung,
            deliveries=deliveries.get(unit.unit.pk, 0),
            is_counted=unit.is_counted,
            title=_place_title(unit),
            url=unit_url(unit.unit, as_of),
        )
        for unit in units
    ]
    return coverage_map(province_code=province_code, places=places)


def _place_title(unit: UnitResult) -> str:
    if unit.rung is None:
        return _("%(name)s: not covered") % {"name": unit.name}
    models = ngettext("%(n)d linkage model", "%(n)d linkage models", len(unit.models)) % {"n": len(unit.models)}
    return _("%(name)s: level %(rung)s, %(models)s") % {"name": unit.name, "rung": unit.rung, "models": models}


def charts(series: Series, result: CoverageResult) -> list[IndicatorChart]:
    """One chart for each indicator, in their order."""
    found = []
    for place, indicator in enumerate(result.indicators):
        points = [
            Point(
                on=point.as_of,
                declared=point.indicators[place].percentage if point.has_value else None,
                traded=point.indicators[place].traded_percentage if point.has_value else None,
            )
            for point in series.points
        ]
        target = Decimal(indicator.target.percentage) if indicator.target else None
        found.append(IndicatorChart(indicator.code, indicator.label, quarter_chart(points, target=target)))
    return found


def quarter_rows(series: Series) -> list[QuarterRow]:
    """The quarters, the latest first."""
    address = reverse("indicators:coverage")
    rows = [
        QuarterRow(
            on=point.as_of,
            unit_system=point.unit_system,
            is_provisional=point.is_provisional,
            url=with_day(address, point.as_of),
            cells=[
                QuarterCell(
                    traded=_share(indicator.traded_percentage, indicator.traded, indicator.denominator),
                    declared=_share(indicator.percentage, indicator.numerator, indicator.denominator),
                )
                for indicator in point.indicators
            ],
        )
        for point in series.points
    ]
    return rows[::-1]


def _share(value: Decimal | None, part: int, whole: int) -> Share:
    return Share(percentage(value) or "–", f"{part}/{whole}")


_UNPLACED = {
    "area": gettext_lazy("raw-material area of a linkage model"),
    "served": gettext_lazy("commune served by a cooperative"),
    "key_product": gettext_lazy("key product"),
    "listing": gettext_lazy("public listing"),
    "sale": gettext_lazy("sale"),
}


def unplaced_texts(result: CoverageResult) -> list[str]:
    """A line for each row that could not be placed on the day."""
    return [
        _("%(kind)s: %(unit)s, valid from %(day)s")
        % {"kind": _UNPLACED.get(row.kind, row.kind), "unit": row.unit.name, "day": f"{row.unit.valid_from:%d/%m/%Y}"}
        for row in result.unplaced
    ]


def as_json(result: CoverageResult, deliveries: Mapping[int, int]) -> dict[str, Any]:
    """The figures for machines: the same facts as the page, buyers never among them."""
    return {
        "scope": {"code": result.scope.code, "name": result.scope.name} if result.scope else None,
        "as_of": result.as_of.isoformat(),
        "is_provisional": result.is_provisional,
        "rule_version": result.rule_version,
        "required_level": result.required_level,
        "indicators": {indicator.code: _indicator_json(indicator) for indicator in result.indicators},
        "units": [
            {
                "code": unit.unit.code,
                "valid_from": unit.unit.valid_from.isoformat(),
                "name": unit.name,
                "kind": unit.kind,
                "is_counted": unit.is_counted,
                "rung": unit.rung,
                "is_traded": unit.is_traded,
                "deliveries_band": band(deliveries.get(unit.unit.pk, 0)),
                "models": [{"code": model.code, "level": model.level} for model in unit.models],
            }
            for unit in result.units
        ],
        "districts": [
            {
                "code": district.unit.code,
                "name": district.unit.name,
                "is_former": district.is_former,
                "is_covered": district.is_covered,
                "is_traded": district.is_traded,
            }
            for district in result.districts
        ],
        "models": [
            {"code": model.code, "name": model.name, "commodity": model.commodity, "level": model.level}
            for model in result.models
        ],
        "unplaced": [
            {"kind": row.kind, "unit": row.unit.code, "unit_valid_from": row.unit.valid_from.isoformat()}
            for row in result.unplaced
        ],
    }


def _indicator_json(indicator: IndicatorResult) -> dict[str, Any]:
    def text(value: Decimal | None) -> str | None:
        return None if value is None else str(value)

    return {
        "numerator": indicator.numerator,
        "traded": indicator.traded,
        "denominator": indicator.denominator,
        "percentage": text(indicator.percentage),
        "traded_percentage": text(indicator.traded_percentage),
        "target": str(indicator.target.percentage) if indicator.target else None,
    }
