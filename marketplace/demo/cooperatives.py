"""The fictional cooperatives of the demo: registration data, communes, partners and clerks."""

from datetime import date, timedelta

from cooperatives.models import Cooperative, CooperativeActivity, CooperativeCommune, Membership
from cooperatives.partner.models import Partner
from marketplace.common.text import slugify_vi
from marketplace.demo import names, source
from marketplace.demo.accounts import clerk_account
from marketplace.demo.source import LEGACY_FROM, RESTRUCTURED_ON, CooperativeRow
from marketplace.demo.world import World

Role = CooperativeCommune.Role
MARK = "(dữ liệu mẫu)"

# Cooperatives that stopped: their models stay in the registry and cover nothing any more.
INACTIVE_FROM = {"huy-giap": date(2026, 1, 1)}


def load_cooperatives(world: World) -> None:
    """Make the cooperatives with their activity, communes, partners and one clerk each."""
    rows = source.cooperatives()
    made = Cooperative.objects.bulk_create(_cooperative(world, rank, row) for rank, row in enumerate(rows, start=1))
    world.cooperatives = {row.key: cooperative for row, cooperative in zip(rows, made, strict=True)}
    CooperativeActivity.objects.bulk_create(
        CooperativeActivity(
            cooperative=world.cooperatives[row.key], valid_from=row.founded, valid_to=INACTIVE_FROM.get(row.key)
        )
        for row in rows
    )
    CooperativeCommune.objects.bulk_create(commune for row in rows for commune in _communes(world, row))
    for row in rows:
        cooperative = world.cooperatives[row.key]
        world.partners[row.key] = Partner.objects.create(
            name=cooperative.short_name, code=cooperative.slug, cooperative=cooperative
        )
    _hire(world)


def _cooperative(world: World, rank: int, row: CooperativeRow) -> Cooperative:
    rng = world.rng(f"cooperative/{row.key}")
    is_micro = row.size == Cooperative.Size.MICRO
    home = world.legacy[row.home]
    return Cooperative(
        name=f"{row.name} {MARK}",
        short_name=row.short_name,
        slug=slugify_vi(row.short_name),
        size=row.size,
        governance=Cooperative.Governance.REDUCED if is_micro else Cooperative.Governance.FULL,
        registration_number=names.tax_code(rank),
        registered_on=row.founded,
        registered_by=f"Phòng Tài chính – Kế hoạch {home.parent.name}" if home.parent else "",
        representative=names.person(rng),
        representative_title="Giám đốc" if is_micro else "Chủ tịch Hội đồng quản trị",
        charter_capital=row.capital,
        member_count=row.members,
        female_member_count=row.women,
        street_address=f"Xóm {rng.choice(('Bản Chang', 'Nà Pò', 'Lũng Nặm', 'Pác Bó', 'Nà Sác', 'Khuổi Khon'))}",
        phone=names.phone(rank),
        email=f"{row.key}@htx.example",
        is_demo=True,
    )


def _communes(world: World, row: CooperativeRow) -> list[CooperativeCommune]:
    """Return home and operating communes; some rows keep the unit that they were made with."""
    rng = world.rng(f"communes/{row.key}")
    keeps_legacy = rng.random() < 0.35
    since = max(row.founded, LEGACY_FROM)
    cooperative = world.cooperatives[row.key]
    home, *operating = source.served_by(row.key)
    found = []
    for role, codes in ((Role.HOME, [home]), (Role.OPERATING, operating)):
        until = None if keeps_legacy else RESTRUCTURED_ON
        found += [_commune(cooperative, world.legacy[code], role, since, until) for code in codes]
        if not keeps_legacy:
            renewed = {world.successor[code].code: world.successor[code] for code in codes}
            found += [_commune(cooperative, unit, role, RESTRUCTURED_ON, None) for unit in renewed.values()]
    return found


def _commune(cooperative, unit, role: str, since: date, until: date | None) -> CooperativeCommune:
    return CooperativeCommune(cooperative=cooperative, unit=unit, role=role, valid_from=since, valid_to=until)


def _hire(world: World) -> None:
    """Give each cooperative a clerk with an account, and a few members who are known by phone."""
    memberships = []
    for rank, row in enumerate(source.cooperatives(), start=1):
        rng = world.rng(f"people/{row.key}")
        clerk = clerk_account(rank, names.person(rng))
        world.clerks[row.key] = clerk
        since = max(row.founded, date(2022, 9, 1)) + timedelta(days=rng.randint(0, 40))
        memberships.append(
            Membership(
                cooperative=world.cooperatives[row.key],
                user=clerk,
                full_name=clerk.full_name,
                phone=names.phone(rank),
                role=Membership.Role.CLERK,
                valid_from=since,
            )
        )
        memberships += [
            Membership(
                cooperative=world.cooperatives[row.key],
                full_name=names.person(rng),
                phone=names.phone(900 + (rank * 2 + place) % 100),
                role=Membership.Role.MEMBER,
                valid_from=row.founded,
            )
            for place in range(2)
        ]
    Membership.objects.bulk_create(memberships)
