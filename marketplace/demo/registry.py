"""The registry of the demo: commodities, key products, and linkage models with everything that dates them."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from cooperatives.commodities.models import Commodity
from cooperatives.commodities.services import CommodityRow
from cooperatives.commodities.services import load_commodities as save_commodities
from cooperatives.linkage.models import (
    KeyProduct,
    LinkageArea,
    LinkageContract,
    LinkageCounterparty,
    LinkageModel,
    LinkageParticipant,
    LinkageStatus,
)
from marketplace.common.quantities import SaleUnit
from marketplace.demo import source
from marketplace.demo.source import RESTRUCTURED_ON, LinkageRow
from marketplace.demo.world import World

Status = LinkageStatus.Status

KEY_PRODUCTS_FROM = date(2021, 6, 1)
# A linkage of perennial crops runs at least five years (Decree 98/2018/NĐ-CP art. 11).
PERIOD_YEARS = 7

_BUYERS = (
    ("Công ty CP Nông sản Non Nước", LinkageCounterparty.Kind.COMPANY),
    ("Công ty TNHH Thực phẩm Bằng Giang", LinkageCounterparty.Kind.COMPANY),
    ("Công ty CP Dược liệu Đông Bắc", LinkageCounterparty.Kind.COMPANY),
    ("Công ty TNHH Chế biến Miền Cao", LinkageCounterparty.Kind.COMPANY),
    ("Hộ kinh doanh Hoàng Minh", LinkageCounterparty.Kind.HOUSEHOLD_BUSINESS),
    ("Tổ hợp tác vùng nguyên liệu", LinkageCounterparty.Kind.FARMERS),
)
_PRICE_RULES = (
    "Giá sàn bảo đảm, cao hơn theo thị trường ngày giao",
    "Theo giá thị trường ngày giao",
    "Giá cố định trong vụ",
)


def load_commodities(world: World) -> None:
    """Make the tree of commodities."""
    world.commodities = save_commodities(
        rows=[
            CommodityRow(
                code=row.code,
                name=row.name,
                category=Commodity.Category(row.category),
                name_en=row.name_en,
                parent=row.parent,
                default_unit=SaleUnit(row.unit),
                months=row.months,
                aliases=row.aliases,
            )
            for row in source.commodities()
        ]
    )


def load_key_products(world: World) -> None:
    """Make the decisions about key products, in the units of before and after the restructuring."""
    order = {row.code: number for number, row in enumerate(source.commodities())}
    rows = []
    renewed = set()
    for row in source.key_products():
        number = order[row.commodity]
        rows.append(
            KeyProduct(
                unit=world.legacy[row.legacy_code],
                commodity=world.commodities[row.commodity],
                valid_from=KEY_PRODUCTS_FROM,
                valid_to=RESTRUCTURED_ON,
                decision_number=f"{900 + number}/QĐ-UBND (dữ liệu mẫu)",
            )
        )
        renewed.add((row.commodity, row.new_code))
    rows += [
        KeyProduct(
            unit=world.current[code],
            commodity=world.commodities[commodity],
            valid_from=RESTRUCTURED_ON,
            decision_number=f"{1400 + order[commodity]}/QĐ-UBND (dữ liệu mẫu)",
        )
        for commodity, code in sorted(renewed)
    ]
    KeyProduct.objects.bulk_create(rows)


def load_linkages(world: World) -> None:
    """Make the linkage models with participants, areas, counterparties, contracts and status histories."""
    rng = world.rng("registry")
    rows = source.linkages()
    models = [_model(world, row) for row in rows]
    LinkageModel.objects.bulk_create(models)
    pairs = list(zip(rows, models, strict=True))
    LinkageParticipant.objects.bulk_create(p for row, model in pairs for p in _participants(world, row, model))
    LinkageArea.objects.bulk_create(a for row, model in pairs for a in _areas(world, row, model, rng))
    LinkageCounterparty.objects.bulk_create(_counterparty(model, rng) for model in models)
    LinkageContract.objects.bulk_create(c for row, model in pairs for c in _contracts(row, model, rng))
    LinkageStatus.objects.bulk_create(s for row, model in pairs for s in _statuses(world, row, model))


def _model(world: World, row: LinkageRow) -> LinkageModel:
    first = row.verified or row.history[0][1]
    valid_from = (first - timedelta(days=120)).replace(day=1)
    lapsed = next((day for status, day in row.history if status == "lapsed"), None)
    return LinkageModel(
        code=row.code,
        name=row.name,
        commodity=world.commodities[row.commodity],
        form=row.form,
        valid_from=valid_from,
        valid_to=lapsed or valid_from.replace(year=valid_from.year + PERIOD_YEARS),
        note="Dữ liệu mẫu",
        is_demo=True,
    )


def _participants(world: World, row: LinkageRow, model: LinkageModel) -> list[LinkageParticipant]:
    found = []
    for place, key in enumerate(row.cooperatives):
        # A second cooperative joins half a year after the first.
        since = model.valid_from + timedelta(days=180 * place)
        found.append(LinkageParticipant(linkage=model, cooperative=world.cooperatives[key], valid_from=since))
    return found


def _areas(world: World, row: LinkageRow, model: LinkageModel, rng: Random) -> list[LinkageArea]:
    keeps_legacy = rng.random() < 0.4
    sizes = {code: (Decimal(rng.randint(60, 900)) / 10, rng.randint(18, 160)) for code in row.area}
    if model.valid_from >= RESTRUCTURED_ON:
        return _merged(world, model, sizes, model.valid_from)
    legacy = [
        LinkageArea(
            linkage=model,
            unit=world.legacy[code],
            valid_from=model.valid_from,
            valid_to=None if keeps_legacy else RESTRUCTURED_ON,
            hectares=hectares,
            households=households,
        )
        for code, (hectares, households) in sizes.items()
    ]
    return legacy if keeps_legacy else legacy + _merged(world, model, sizes, RESTRUCTURED_ON)


def _merged(world: World, model: LinkageModel, sizes: dict[str, tuple[Decimal, int]], since: date) -> list[LinkageArea]:
    """Return rows that name today's units, each with the sum of the legacy communes that went into it."""
    sums: dict[str, list[tuple[Decimal, int]]] = {}
    for code, size in sizes.items():
        sums.setdefault(world.successor[code].code, []).append(size)
    return [
        LinkageArea(
            linkage=model,
            unit=world.current[code],
            valid_from=since,
            hectares=sum((hectares for hectares, _ in parts), Decimal(0)),
            households=sum(households for _, households in parts),
        )
        for code, parts in sums.items()
    ]


def _counterparty(model: LinkageModel, rng: Random) -> LinkageCounterparty:
    name, kind = rng.choice(_BUYERS)
    return LinkageCounterparty(linkage=model, name=f"{name} (dữ liệu mẫu)", kind=kind, valid_from=model.valid_from)


def _contracts(row: LinkageRow, model: LinkageModel, rng: Random) -> list[LinkageContract]:
    found = []
    since = model.valid_from
    for number in range(1, rng.choice((1, 2)) + 1):
        until = since.replace(year=since.year + 3)
        found.append(
            LinkageContract(
                linkage=model,
                number=f"{number:02d}/{since.year}/HĐLK-{row.code}",
                signed_on=since - timedelta(days=rng.randint(3, 25)),
                valid_from=since,
                valid_to=until,
                volume_kg=Decimal(rng.randint(8, 240) * 500),
                price_rule=rng.choice(_PRICE_RULES),
            )
        )
        since = until
    return [contract for contract in found if row.verified and contract.signed_on <= row.verified] or found[:1]


def _statuses(world: World, row: LinkageRow, model: LinkageModel) -> list[LinkageStatus]:
    events: list[tuple[str, date]] = [(Status.DRAFT, model.valid_from + timedelta(days=6))]
    if row.verified:
        events += [(Status.SUBMITTED, row.verified - timedelta(days=24)), (Status.VERIFIED, row.verified)]
    events += [event for event in row.history if event[0] in Status.values]
    number = int(row.code.removeprefix("MH-"))
    numbered = {Status.VERIFIED, Status.SUSPENDED, Status.ENDED}
    return [
        LinkageStatus(
            linkage=model,
            status=status,
            decided_on=day,
            decision_number=f"{300 + number * 7 + place}/QĐ-SNNMT (dữ liệu mẫu)" if status in numbered else "",
            recorded_at=min(world.moment(day + timedelta(days=1), 9, number % 60), world.now),
            recorded_by=world.official,
        )
        for place, (status, day) in enumerate(events)
        if day <= world.today
    ]
