"""The site's fixed pages, cooperatives' profiles, and who edits and moderates them."""

from datetime import date

from django.conf import settings
from django.db import transaction
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    Locale,
    Page,
    Site,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from cms.groups import COMMUNE_OFFICIALS, COOPERATIVE_EDITORS, EDITORS, PROVINCE_OFFICIALS, profile_group, setup_groups
from cms.models import CooperativeIndexPage, CooperativePage, HomePage, OfficialScope, TextPage
from cms.texts import HOME_BODY, HOME_HEADLINE, HOME_INTRODUCTION, TEXT_PAGES
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from marketplace.users.models import User

COOPERATIVES_SLUG = "htx"
MODERATION = "Duyệt trang hợp tác xã"


@transaction.atomic
def ensure_site(*, hostname: str = "localhost", port: int = 80) -> HomePage:
    """The home page, the list of cooperatives, the text pages, the groups and the moderation; made where missing.

    What editors have written since is left as it is.
    """
    Locale.objects.get_or_create(language_code=get_supported_content_language_variant(settings.LANGUAGE_CODE))
    if Collection.get_first_root_node() is None:
        Collection.add_root(name="Root")
    home = HomePage.objects.first() or _add_home()
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    if site.root_page_id != home.pk:
        site.hostname, site.port, site.root_page = hostname, port, home.page_ptr
        site.site_name = settings.WAGTAIL_SITE_NAME
        site.save()
    _remove_welcome_page(home)
    index = CooperativeIndexPage.objects.first()
    if index is None:
        index = CooperativeIndexPage(title="Hợp tác xã", slug=COOPERATIVES_SLUG, show_in_menus=True)
        home.add_child(instance=index)
    for slug, title, body in TEXT_PAGES:
        if not home.get_children().filter(slug=slug).exists():
            home.add_child(instance=TextPage(title=title, slug=slug, body=body))
    setup_groups()
    _ensure_moderation(index)
    return home


@transaction.atomic
def create_profile(*, cooperative: Cooperative, tagline: str = "") -> CooperativePage:
    """The cooperative's published page; the one it has, if it has one. The site must exist (`ensure_site`)."""
    page = CooperativePage.objects.filter(cooperative=cooperative).first()
    if page is None:
        page = CooperativePage(
            title=cooperative.short_name, slug=cooperative.slug, cooperative=cooperative, tagline=tagline
        )
        CooperativeIndexPage.objects.get().add_child(instance=page)
    return page


@transaction.atomic
def let_edit_profile(*, user: User, page: CooperativePage) -> None:
    """The user may change this page and submit it; a moderator publishes."""
    groups = {group.name: group for group in setup_groups()}
    user.groups.add(groups[COOPERATIVE_EDITORS], profile_group(page))


@transaction.atomic
def appoint_official(
    *, user: User, unit: AdministrativeUnit, valid_from: date, valid_to: date | None = None
) -> OfficialScope:
    """The user answers for the unit from the day on: a provincial official for a province, otherwise a commune's."""
    groups = {group.name: group for group in setup_groups()}
    is_province = unit.level == AdministrativeUnit.Level.PROVINCE
    user.groups.add(groups[PROVINCE_OFFICIALS if is_province else COMMUNE_OFFICIALS])
    scope, _ = OfficialScope.objects.get_or_create(
        user=user, unit=unit, valid_from=valid_from, defaults={"valid_to": valid_to}
    )
    return scope


def _add_home() -> HomePage:
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    home = HomePage(
        title=settings.WAGTAIL_SITE_NAME,
        slug="trang-chu",
        headline=HOME_HEADLINE,
        introduction=HOME_INTRODUCTION,
        body=HOME_BODY,
    )
    root.add_child(instance=home)
    return home


def _remove_welcome_page(home: HomePage) -> None:
    """Wagtail's migrations make a page of welcome; nobody should reach it."""
    for page in Page.objects.filter(depth=2, slug="home", numchild=0).exclude(pk=home.pk):
        if page.specific_class is Page:
            page.delete()


def _ensure_moderation(index: CooperativeIndexPage) -> None:
    """Changes of a cooperative's page wait for an editor's approval."""
    workflow, _ = Workflow.objects.get_or_create(name=MODERATION)
    if not WorkflowTask.objects.filter(workflow=workflow).exists():
        task, _ = GroupApprovalTask.objects.get_or_create(name=MODERATION)
        task.groups.set([group for group in setup_groups() if group.name == EDITORS])
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.get_or_create(page=index.page_ptr, defaults={"workflow": workflow})
