"""Writes a history into the database, through the services that the running program uses for evidence."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from cooperatives.commodities.models import Commodity
from cooperatives.indicators.results import CoverageResult
from cooperatives.linkage import evidence
from cooperatives.linkage.models import (
    KeyProduct,
    LinkageArea,
    LinkageModel,
    LinkageParticipant,
    LinkageStatus,
)
from cooperatives.models import Cooperative, CooperativeActivity, CooperativeCommune, Membership
from cooperatives.places.models import AdministrativeUnit, Succession
from marketplace.common.text import fold
from tests.factories.commodities import CommodityFactory
from tests.indicators.history import REFORM, SINCE, History, Order, Sale
from tests.indicators.reference import Answer


@dataclass
class Stored:
    """The history's rows in the database by their names."""

    history: History
    units: dict[str, AdministrativeUnit]
    commodities: dict[str, Commodity]
    cooperatives: dict[str, Cooperative]
    models: dict[str, LinkageModel]

    def scope(self, name: str | None) -> AdministrativeUnit | None:
        return None if name is None else self.units[name]

    def answer(self, result: CoverageResult) -> Answer:
        """The program's result in the reference's words."""
        names = {unit.pk: name for name, unit in self.units.items()}
        return Answer(
            l1=(result.l1.numerator, result.l1.traded, result.l1.denominator),
            l2=(result.l2.numerator, result.l2.traded, result.l2.denominator),
            l3=(result.l3.traded, result.l3.denominator),
            rungs={names[row.unit.pk]: row.rung for row in result.units},
            covering={
                names[row.unit.pk]: {model.code: model.level for model in row.models}
                for row in result.units
                if row.models
            },
            models={model.code: model.level for model in result.models},
            unplaced={(row.kind, names[row.unit.pk]) for row in result.unplaced if row.kind in {"area", "key_product"}},
        )


def store(history: History) -> Stored:
    units = _units(history)
    commodities: dict[str, Commodity] = {}
    for name, parent in history.commodities:
        commodities[name] = CommodityFactory(name=name, parent=commodities[parent] if parent else None)
    cooperatives = {
        name: Cooperative.objects.create(
            name=name, short_name=name, slug=name, registration_number=name, registered_on=SINCE
        )
        for name in history.cooperatives
    }
    stored = Stored(history, units, commodities, cooperatives, _models(history, commodities))
    _dated_rows(stored)
    _evidence(stored)
    return stored


def _units(history: History) -> dict[str, AdministrativeUnit]:
    units: dict[str, AdministrativeUnit] = {}
    for number, row in enumerate(history.units):
        parent = units[row.parent] if row.parent else None
        units[row.name] = AdministrativeUnit(
            code=f"{number:05}",
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            level=row.level,
            kind=row.kind,
            name=row.name,
            short_name=row.name,
            folded_name=fold(row.name),
            parent=parent,
            province=parent and (parent.province or parent),
            latitude=22.6,
            longitude=106.2,
        )
        units[row.name].save()
    Succession.objects.bulk_create(
        Succession(predecessor=units[row.old], successor=units[row.new], on=REFORM, is_default=row.is_default)
        for row in history.successions
    )
    return units


def _models(history: History, commodities: dict[str, Commodity]) -> dict[str, LinkageModel]:
    return {
        row.name: LinkageModel.objects.create(
            code=row.name,
            name=row.name,
            commodity=commodities[row.commodity],
            form=LinkageModel.Form.LK1,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in history.models
    }


def _dated_rows(stored: Stored) -> None:
    history, units, models = stored.history, stored.units, stored.models
    KeyProduct.objects.bulk_create(
        KeyProduct(unit=units[row.one], commodity=stored.commodities[row.other], **_days(row))
        for row in history.key_products
    )
    LinkageStatus.objects.bulk_create(
        LinkageStatus(
            linkage=models[row.model],
            status=row.status,
            decided_on=row.decided_on,
            recorded_at=datetime.combine(row.decided_on, time(9), tzinfo=UTC),
        )
        for row in history.statuses
    )
    LinkageParticipant.objects.bulk_create(
        LinkageParticipant(linkage=models[row.one], cooperative=stored.cooperatives[row.other], **_days(row))
        for row in history.participants
    )
    LinkageArea.objects.bulk_create(
        LinkageArea(linkage=models[row.one], unit=units[row.other], **_days(row)) for row in history.areas
    )
    CooperativeCommune.objects.bulk_create(
        CooperativeCommune(
            cooperative=stored.cooperatives[row.one],
            unit=units[row.other],
            role=CooperativeCommune.Role.OPERATING,
            **_days(row),
        )
        for row in history.served
    )
    CooperativeActivity.objects.bulk_create(
        CooperativeActivity(cooperative=stored.cooperatives[row.one], **_days(row)) for row in history.activities
    )
    Membership.objects.bulk_create(
        Membership(
            cooperative=stored.cooperatives[row.cooperative],
            phone=row.person.phone,
            email=row.person.email,
            role=Membership.Role.MEMBER,
            **_days(row),
        )
        for row in history.insiders
        # Somebody without a phone and an e-mail address is nobody: no order can be theirs, and no row says so.
        if row.person.phone or row.person.email
    )


def _evidence(stored: Stored) -> None:
    """In the order in which it happened."""
    history = stored.history
    for order in sorted(history.orders, key=lambda order: order.placed_on):
        record_order(order)
    for listing in history.listings:
        evidence.open_listing(
            source=listing.name,
            cooperative_id=stored.cooperatives[listing.cooperative].pk,
            commodity_id=stored.commodities[listing.commodity].pk,
            unit_id=stored.units[listing.unit].pk,
            first_on=listing.first_on,
        )
        if listing.last_on:
            evidence.close_listing(source=listing.name, last_on=listing.last_on)
    for sale in history.sales:
        evidence.record_sales([sale_fact(stored, sale)])
    for row in history.reductions:
        evidence.record_reduction(
            sale_source=row.sale, source=row.name, reduced_on=row.reduced_on, amount=Decimal(row.amount)
        )


def record_order(order: Order) -> None:
    evidence.record_buyer(
        order_key=order.key,
        placed_on=order.placed_on,
        account_id=order.by.account,
        phone=order.by.phone,
        email=order.by.email,
    )


def sale_fact(stored: Stored, sale: Sale) -> evidence.SaleFact:
    buyer = next(order.by for order in stored.history.orders if order.key == sale.order)
    return evidence.SaleFact(
        source=sale.name,
        order_key=sale.order,
        cooperative_id=stored.cooperatives[sale.cooperative].pk,
        commodity_id=stored.commodities[sale.commodity].pk,
        unit_id=stored.units[sale.unit].pk,
        delivered_on=sale.delivered_on,
        paid_on=sale.paid_on,
        amount=Decimal(sale.amount),
        account_id=buyer.account,
        phone=buyer.phone,
        email=buyer.email,
    )


def _days(row) -> dict:
    return {"valid_from": row.valid_from, "valid_to": row.valid_to}
