"""Linkage models of one province with the evidence of three years' trade, written in bulk and the same each time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from cooperatives.commodities.models import Commodity
from cooperatives.indicators.services import load_rules_and_targets
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
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit

AS_OF = date(2026, 6, 30)
MODELS, SALES, BUYERS = 400, 30_000, 4_000
BATCH = 2000


def load(cooperatives: Sequence[Cooperative], homes: Sequence[AdministrativeUnit], goods: Sequence[Commodity]) -> None:
    load_rules_and_targets()
    chance = Random(924)
    home = {cooperative.pk: homes[i % len(homes)] for i, cooperative in enumerate(cooperatives)}
    _key_products(homes, goods)
    _models(chance, cooperatives, home, goods)
    _listings(cooperatives, home, goods)
    _sales(chance, cooperatives, home, goods)


def _goods_of(index: int, goods: Sequence[Commodity]) -> list[Commodity]:
    """What the communes and cooperatives of an index deal in: four goods, some of which two neighbours share."""
    return [goods[(index * 3 + n) % len(goods)] for n in range(4)]


def _key_products(homes: Sequence[AdministrativeUnit], goods: Sequence[Commodity]) -> None:
    KeyProduct.objects.bulk_create(
        KeyProduct(unit=unit, commodity=good, valid_from=date(2022, 1, 1), decision_number="01/QĐ-UBND")
        for i, unit in enumerate(homes)
        for good in _goods_of(i, goods)[:2]
    )


def _models(
    chance: Random,
    cooperatives: Sequence[Cooperative],
    home: dict[int, AdministrativeUnit],
    goods: Sequence[Commodity],
) -> None:
    owners = [chance.randrange(len(cooperatives)) for _ in range(MODELS)]
    start = date(2023, 1, 1)
    models = LinkageModel.objects.bulk_create(
        LinkageModel(
            code=f"LK-{n + 1:04d}",
            name=f"Mô hình liên kết {n + 1}",
            commodity=chance.choice(_goods_of(owner, goods)),
            form="LK3",
            valid_from=start,
            valid_to=date(2026, 1, 1) if n % 9 == 0 else date(2028, 1, 1),
        )
        for n, owner in enumerate(owners)
    )
    owned = [(model, cooperatives[owner]) for model, owner in zip(models, owners, strict=True)]
    LinkageParticipant.objects.bulk_create(
        LinkageParticipant(linkage=model, cooperative=cooperative, valid_from=start) for model, cooperative in owned
    )
    LinkageArea.objects.bulk_create(
        LinkageArea(linkage=model, unit=home[cooperative.pk], hectares=Decimal(12), valid_from=start)
        for n, (model, cooperative) in enumerate(owned)
        if n % 4
    )
    recorded = datetime(2023, 1, 2, tzinfo=UTC)
    LinkageStatus.objects.bulk_create(
        LinkageStatus(linkage=model, status=status, decided_on=on, recorded_at=recorded)
        for n, model in enumerate(models)
        for status, on in [
            ("submitted", date(2023, 1, 2)),
            ("verified", date(2023, 2, 1)),
            *([("suspended", date(2025, 5, 1))] if n % 11 == 0 else []),
        ]
    )


def _listings(
    cooperatives: Sequence[Cooperative], home: dict[int, AdministrativeUnit], goods: Sequence[Commodity]
) -> None:
    ListingEvidence.objects.bulk_create(
        (
            ListingEvidence(
                source=f"bench:{i}:{n}",
                cooperative=cooperative,
                commodity=good,
                unit=home[cooperative.pk],
                first_on=date(2024, 1, 1) + timedelta(days=n),
                last_on=date(2025, 1, 1) if i % 3 == 0 else None,
            )
            for i, cooperative in enumerate(cooperatives)
            for n in range(12)
            for good in _goods_of(i, goods)[n % 4 : n % 4 + 1]
        ),
        batch_size=BATCH,
    )


def _sales(
    chance: Random,
    cooperatives: Sequence[Cooperative],
    home: dict[int, AdministrativeUnit],
    goods: Sequence[Commodity],
) -> None:
    sales, contacts = [], []
    for n in range(SALES):
        owner = min(chance.randrange(len(cooperatives)), chance.randrange(len(cooperatives)))
        cooperative = cooperatives[owner]
        delivered = AS_OF - timedelta(days=chance.randrange(1000))
        buyer = chance.randrange(BUYERS)
        contacts.append(
            BuyerContact(
                order_key=f"bench-{n}",
                placed_on=delivered - timedelta(days=3),
                phone=f"phone{buyer}",
                component=buyer + 1,
            )
        )
        sales.append(
            SaleEvidence(
                source=f"bench:{n}",
                order_key=f"bench-{n}",
                cooperative=cooperative,
                commodity=chance.choice(_goods_of(owner, goods)),
                unit=home[cooperative.pk],
                delivered_on=delivered,
                paid_on=delivered,
                amount=Decimal(100_000),
                by_insider=n % 97 == 0,
            )
        )
    BuyerContact.objects.bulk_create(contacts, batch_size=BATCH)
    made = SaleEvidence.objects.bulk_create(sales, batch_size=BATCH)
    SaleReduction.objects.bulk_create(
        SaleReduction(source=f"bench:{sale.pk}", sale=sale, reduced_on=sale.delivered_on, amount=sale.amount)
        for sale in made[::50]
    )
