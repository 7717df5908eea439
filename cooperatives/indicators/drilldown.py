"""From a unit to its linkage models and to the dated evidence behind each; buyers are counted, never told apart."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from cooperatives.commodities.models import Commodity
from cooperatives.indicators.core import Calculator, Day, PublicDays
from cooperatives.indicators.facts import Facts, Listing, Sale
from cooperatives.indicators.loading import load_model
from cooperatives.indicators.models import CoverageRule
from cooperatives.indicators.selectors import parameters, refuse_future, rule_in_force
from cooperatives.linkage.models import SaleEvidence
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit

# A sum of fewer cooperatives would tell one of them the other's sales.
COOPERATIVES_FOR_AMOUNTS = 3


@dataclass(frozen=True)
class ListingLine:
    """Days of the window, first and last included, on which a listing was public while its seller took part."""

    first_on: date
    last_on: date
    cooperative: Cooperative
    commodity: Commodity
    unit: AdministrativeUnit


@dataclass(frozen=True)
class SaleLine:
    """A line that counts, with the cooperative, commodity and origin unit of its own day. Nothing of its buyer."""

    delivered_on: date
    cooperative: Cooperative
    commodity: Commodity
    unit: AdministrativeUnit


@dataclass(frozen=True)
class EvidenceResult:
    """The evidence of a model in one commune (`unit`), or as a whole (`unit` None), in (opened_on, as_of].

    The lines are the latest ones; `listing_count` and `sale_count` count all. `amount` in đồng is what is kept of
    the sales, and None when fewer than three cooperatives make it up.
    """

    as_of: date
    opened_on: date
    rule_version: str
    unit: AdministrativeUnit | None
    level: int
    listings: tuple[ListingLine, ...]
    listing_count: int
    sales: tuple[SaleLine, ...]
    sale_count: int
    order_count: int
    buyer_count: int
    minimum_buyers: int
    cooperative_count: int
    amount: Decimal | None


def evidence_of(
    *,
    linkage_id: int,
    as_of: date,
    today: date,
    unit: AdministrativeUnit | None = None,
    rule: CoverageRule | None = None,
    limit: int = 100,
) -> EvidenceResult:
    """What stands behind a model's level on the day, with at most `limit` lines of each kind, the latest first.

    `unit` is a commune valid on the day. A fixed number of queries. Raises FutureDateError, NoRuleInForceError.
    """
    refuse_future(as_of, today)
    rule = rule or rule_in_force(as_of)
    loaded = load_model(linkage_id=linkage_id, day=as_of, window_days=rule.window_days)
    calculator = Calculator(loaded.facts, parameters(rule))
    day = calculator.on(as_of)
    model = loaded.facts.models[0]
    communes = {unit.pk} if unit else day.communes(model, day.served())
    listings = [row for row in calculator.listings_of(model) if day.is_recent(row) and day.place(row.unit) in communes]
    sales = [sale for sale in day.sales(model) if day.place(sale.unit) in communes]
    listings.sort(key=lambda row: (row.end, row.first), reverse=True)
    sales.reverse()
    dress = _Dress(listings[:limit], sales[:limit])
    return EvidenceResult(
        as_of=as_of,
        opened_on=day.opened,
        rule_version=rule.version,
        unit=unit,
        level=day.evidence(model).level(communes, rule.minimum_buyers),
        listings=tuple(dress.listing(row, day) for row in listings[:limit]),
        listing_count=len(listings),
        sales=tuple(dress.sale(sale) for sale in sales[:limit]),
        sale_count=len(sales),
        order_count=len({sale.order_key for sale in sales}),
        buyer_count=len({calculator.buyers.of(sale.order_key, sale.component, as_of) for sale in sales}),
        minimum_buyers=rule.minimum_buyers,
        cooperative_count=len({sale.cooperative for sale in sales}),
        amount=_amount(loaded.facts, sales, as_of),
    )


def _amount(facts: Facts, sales: list[Sale], as_of: date) -> Decimal | None:
    """What is kept of the lines on the day, in đồng: one query, or None without any."""
    if len({sale.cooperative for sale in sales}) < COOPERATIVES_FOR_AMOUNTS:
        return None
    keys = {sale.pk for sale in sales}
    charged = SaleEvidence.objects.filter(pk__in=keys).aggregate(total=Sum("amount"))["total"]
    given_back = (amount for pk in keys for reduced_on, amount in facts.reductions.get(pk, ()) if reduced_on <= as_of)
    return charged - sum(given_back, Decimal(0))


class _Dress:
    """Names for the lines: three queries."""

    def __init__(self, listings: list[PublicDays], sales: list[Sale]) -> None:
        rows: list[Listing | Sale] = [*(listing.row for listing in listings), *sales]
        self.cooperatives = Cooperative.objects.in_bulk({row.cooperative for row in rows})
        self.commodities = Commodity.objects.in_bulk({row.commodity for row in rows})
        self.units = AdministrativeUnit.objects.in_bulk({row.unit for row in rows})

    def listing(self, days: PublicDays, day: Day) -> ListingLine:
        row = days.row
        return ListingLine(
            first_on=max(days.first, day.opened + timedelta(days=1)),
            last_on=min(days.end - timedelta(days=1), day.day),
            cooperative=self.cooperatives[row.cooperative],
            commodity=self.commodities[row.commodity],
            unit=self.units[row.unit],
        )

    def sale(self, sale: Sale) -> SaleLine:
        return SaleLine(
            delivered_on=sale.delivered_on,
            cooperative=self.cooperatives[sale.cooperative],
            commodity=self.commodities[sale.commodity],
            unit=self.units[sale.unit],
        )
