"""Logins of the demo. They exist only where the DEMO setting is on: their passwords are printed and published."""

from datetime import date
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import make_password

from cms.groups import EDITORS, setup_groups
from cms.services import appoint_official, let_edit_profile
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.errors import DomainError
from marketplace.demo import names, source
from marketplace.demo.world import CAO_BANG, World
from marketplace.users.models import User

PASSWORD = "cho-que-minh"  # noqa: S105 - published on purpose, see the setting DEMO
CLERK_OF = "phia-den"
OFFICIAL_EMAIL = "canbo@caobang.example"
EDITOR_EMAIL = "bientap@cho-lien-ket.example"
FINANCE_EMAIL = "taichinh@cho-lien-ket.example"
SECOND_FINANCE_EMAIL = "ketoan@cho-lien-ket.example"


class NotADemoError(DomainError):
    code = "not_a_demo"
    message = "Demo accounts have published passwords: they are made only where the setting DEMO is on."


def require_demo() -> None:
    """Raise NotADemoError on a site that is not a demo."""
    if not getattr(settings, "DEMO", False):
        raise NotADemoError


@cache
def _password() -> str:
    # One hash for all: hashing is slow on purpose, and the password is no secret.
    return make_password(PASSWORD)


def _account(**fields: object) -> User:
    require_demo()
    user = User(password=_password(), **fields)
    user.save()
    return user


def clerk_account(rank: int, full_name: str) -> User:
    """Return a new account of a cooperative's clerk, who logs in by phone."""
    return _account(full_name=full_name, phone=names.phone(rank), email=f"nhanvien{rank:02d}@htx.example")


def load_officials(world: World) -> None:
    """Make the provincial official, who registers and verifies, and the editor, who writes pages."""
    world.official = _account(full_name="Nông Thị Thắm", email=OFFICIAL_EMAIL)
    world.editor = _account(full_name="Bế Quang Huy", email=EDITOR_EMAIL)


def load_finance() -> list[User]:
    """Make the two people of the marketplace's finance: each payout needs both."""
    names_of = {FINANCE_EMAIL: "Lý Thị Mai", SECOND_FINANCE_EMAIL: "Đàm Văn Kiên"}
    return [_account(full_name=name, email=email) for email, name in names_of.items()]


def appoint(world: World) -> None:
    """Give the official the province, the editor the pages, and the clerk the cooperative's own page."""
    province = AdministrativeUnit.objects.in_force(world.today).get(
        code=CAO_BANG, level=AdministrativeUnit.Level.PROVINCE
    )
    if world.official and world.editor:
        appoint_official(user=world.official, unit=province, valid_from=date(2021, 1, 1))
        world.editor.groups.add(next(group for group in setup_groups() if group.name == EDITORS))
    cooperative = world.cooperatives[CLERK_OF]
    let_edit_profile(user=world.clerks[CLERK_OF], page=cooperative.profile_page)


def logins() -> list[tuple[str, str, str]]:
    """Return who may log in: the role, the phone or e-mail, and the first page to see."""
    rank = next(rank for rank, cooperative in enumerate(source.cooperatives(), start=1) if cooperative.key == CLERK_OF)
    clerk = "0" + names.phone(rank).removeprefix("+84")
    return [
        ("Nhân viên HTX / clerk", f"{clerk[:4]} {clerk[4:7]} {clerk[7:]}", "/lam-viec/"),
        ("Cán bộ tỉnh / official", OFFICIAL_EMAIL, "/quan-tri/"),
        ("Biên tập viên / editor", EDITOR_EMAIL, "/quan-tri/"),
        ("Tài chính / finance", FINANCE_EMAIL, "/quan-tri/doi-soat/"),
        ("Tài chính, người thứ hai / second", SECOND_FINANCE_EMAIL, "/quan-tri/doi-soat/"),
    ]
