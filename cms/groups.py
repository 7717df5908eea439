"""Who may do what in the administration: five groups of people and the permissions of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

PROVINCE_OFFICIALS = "Cán bộ tỉnh"
COMMUNE_OFFICIALS = "Cán bộ xã"
EDITORS = "Biên tập viên"
COOPERATIVE_EDITORS = "Biên tập HTX"
# Two different people of it approve each payout.
FINANCE = "Tài chính"

ENTER = "wagtailadmin.access_admin"
DECIDE = "cms.decide_on_linkages"
REGISTRY = (
    "linkage.keyproduct",
    "linkage.linkagemodel",
    "cooperatives.cooperative",
    "certificates.certificate",
    "certificates.ocoprecognition",
)
RULES = ("commodities.commodity", "indicators.indicatortarget", "indicators.coveragerule", "cms.officialscope")
# What editors teach search; nothing of it is evidence, so it may be deleted.
SEE_SEARCHES = "search.view_searchtally"
SEARCH = ("search.synonym", "search.promotedresult")


@dataclass(frozen=True)
class GroupRights:
    """A group's permissions on models, on the pages below the site's root, and on the root collection of pictures."""

    name: str
    permissions: frozenset[str]
    pages: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


def _each(models: Iterable[str], *actions: str) -> set[str]:
    pairs = [model.split(".") for model in models]
    return {f"{app}.{action}_{model}" for app, model in pairs for action in actions}


GROUPS = (
    GroupRights(
        PROVINCE_OFFICIALS,
        frozenset(
            {ENTER, "cms.see_every_unit", DECIDE, SEE_SEARCHES} | _each((*REGISTRY, *RULES), "add", "change", "view")
        ),
    ),
    # A commune's official registers and submits; decisions and rules are the province's.
    GroupRights(
        COMMUNE_OFFICIALS,
        frozenset({ENTER} | _each(REGISTRY, "add", "change", "view") | _each(RULES[:3], "view")),
    ),
    GroupRights(
        EDITORS,
        frozenset({ENTER, "cms.add_cooperativepage", SEE_SEARCHES} | _each(SEARCH, "add", "change", "delete", "view")),
        pages=("add_page", "change_page", "publish_page"),
        pictures=("add_image", "change_image", "choose_image"),
    ),
    GroupRights(
        FINANCE,
        frozenset({ENTER, "settlement.settle_period", "settlement.approve_payouts", "settlement.pay_payouts"})
        | _each(["settlement.feerate"], "add", "view")
        | _each(["payment.unmatchedmoney"], "change"),
    ),
    # The right to change one page is given with the page, by a group of its own: see `profile_group`.
    GroupRights(COOPERATIVE_EDITORS, frozenset({ENTER}), pictures=("add_image", "choose_image")),
)


@transaction.atomic
def setup_groups() -> list[Group]:
    """Makes the groups or brings them back to these rights; doing it again changes nothing. Members stay."""
    root = Page.get_first_root_node()
    collection = Collection.get_first_root_node()
    groups = []
    for rights in GROUPS:
        group, _ = Group.objects.get_or_create(name=rights.name)
        group.permissions.set(_permissions(rights.permissions))
        if root is not None:
            _allow_pages(group, root, rights.pages)
        if collection is not None:
            for permission in _permissions(f"wagtailimages.{codename}" for codename in rights.pictures):
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=collection, permission=permission
                )
        groups.append(group)
    return groups


def profile_group(page: Page) -> Group:
    """The group whose members may change this page alone, and not publish it."""
    group, _ = Group.objects.get_or_create(name=f"{COOPERATIVE_EDITORS} · {page.slug}"[:150])
    _allow_pages(group, page, ("change_page",))
    return group


def _allow_pages(group: Group, page: Page, codenames: Iterable[str]) -> None:
    for permission in _permissions(f"wagtailcore.{codename}" for codename in codenames):
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)


def _permissions(names: Iterable[str]) -> list[Permission]:
    wanted = Q(pk__in=[])
    for name in names:
        app_label, codename = name.split(".")
        wanted |= Q(content_type__app_label=app_label, codename=codename)
    return list(Permission.objects.filter(wanted))
