"""The site's pages: made once, edited by those who may, published by a moderator."""

import pytest
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page, Site, Workflow

from cms.groups import EDITORS, setup_groups
from cms.models import CooperativeIndexPage, CooperativePage, HomePage, TextPage
from cms.services import create_profile, ensure_site, let_edit_profile
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return ensure_site()


@pytest.fixture
def cooperative(site):
    return CooperativeFactory(short_name="HTX Bản Giốc", slug="htx-ban-gioc")


@pytest.fixture
def page(cooperative):
    return create_profile(cooperative=cooperative, tagline="Hạt dẻ bên thác")


@pytest.fixture
def hoa(page):
    """Hoa edits the page of Bản Giốc's cooperative."""
    user = UserFactory()
    let_edit_profile(user=user, page=page)
    return user


@pytest.fixture
def huy(site):
    """Huy is the site's editor and moderates."""
    user = UserFactory()
    user.groups.add(next(group for group in setup_groups() if group.name == EDITORS))
    return user


def edited(page, **changes):
    return {"title": page.title, "tagline": getattr(page, "tagline", ""), **no_blocks(), **changes}


def no_blocks():
    return {"body-count": 0, "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}


def edit(client, page, **changes):
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), edited(page, **changes))


def test_the_site_is_made_once(site):
    before = (Page.objects.count(), GroupPagePermission.objects.count(), Workflow.objects.count())
    assert ensure_site() == site
    assert (Page.objects.count(), GroupPagePermission.objects.count(), Workflow.objects.count()) == before
    assert Site.objects.get(is_default_site=True).root_page_id == site.pk
    assert HomePage.objects.count() == CooperativeIndexPage.objects.count() == 1
    assert set(TextPage.objects.values_list("slug", flat=True)) == {"gioi-thieu", "quy-che", "tro-giup"}


def test_what_an_editor_wrote_is_kept(site):
    site.headline = "Chợ quê mình"
    site.save_revision().publish()
    ensure_site()
    assert HomePage.objects.get().headline == "Chợ quê mình"


@pytest.mark.parametrize("address", ["/", "/htx/", "/gioi-thieu/", "/quy-che/", "/tro-giup/"])
def test_every_fixed_page_opens(client, site, address):
    assert client.get(address).status_code == 200


def test_a_profile_is_at_the_cooperatives_own_address(client, cooperative, page):
    response = client.get(cooperative.get_absolute_url())
    assert response.status_code == 200
    assert "HTX Bản Giốc" in response.content.decode()
    assert page.url == cooperative.get_absolute_url() == "/htx/htx-ban-gioc/"


def test_a_profile_is_made_once(page, cooperative):
    assert create_profile(cooperative=cooperative) == page


def test_a_page_that_is_not_published_is_404(client, page):
    page.unpublish()
    assert client.get("/htx/htx-ban-gioc/").status_code == 404
    assert client.get("/htx/khong-co/").status_code == 404


def test_a_cooperatives_editor_changes_a_draft_and_the_public_page_stays(client, page, hoa):
    client.force_login(hoa)
    assert edit(client, page, tagline="Lời mới").status_code in {200, 302}
    fresh = CooperativePage.objects.get()
    assert fresh.tagline == "Hạt dẻ bên thác"
    assert fresh.get_latest_revision_as_object().tagline == "Lời mới"


def test_a_cooperatives_editor_may_not_publish(client, page, hoa):
    client.force_login(hoa)
    edit(client, page, tagline="Lời mới", **{"action-publish": "1"})
    assert CooperativePage.objects.get().tagline == "Hạt dẻ bên thác"


def test_what_is_submitted_waits_for_the_moderator_who_publishes_it(client, page, hoa, huy):
    client.force_login(hoa)
    edit(client, page, tagline="Lời mới", **{"action-submit": "1"})
    state = CooperativePage.objects.get().current_workflow_state
    assert state.status == "in_progress"
    assert CooperativePage.objects.get().tagline == "Hạt dẻ bên thác"
    state.current_task_state.approve(user=huy)
    assert CooperativePage.objects.get().tagline == "Lời mới"


def test_a_cooperatives_editor_keeps_the_page_with_its_cooperative_and_address(client, page, hoa):
    client.force_login(hoa)
    other = CooperativeFactory()
    edit(client, page, cooperative=other.pk, slug="dia-chi-khac")
    draft = CooperativePage.objects.get().get_latest_revision_as_object()
    assert (draft.cooperative_id, draft.slug) == (page.cooperative_id, "htx-ban-gioc")


def test_a_cooperatives_editor_changes_no_other_page(client, page, hoa, site):
    other = create_profile(cooperative=CooperativeFactory())
    client.force_login(hoa)
    for foreign in (other, site, CooperativeIndexPage.objects.get()):
        assert edit(client, foreign).status_code in {302, 403}
        assert foreign.revisions.count() == 0
    assert client.post(reverse("wagtailadmin_pages:delete", args=[page.pk])).status_code in {302, 403}
    assert CooperativePage.objects.filter(pk=page.pk).exists()


def test_a_cooperatives_editor_sees_nothing_of_the_registry(client, hoa):
    client.force_login(hoa)
    for name in ("lien-ket", "hop-tac-xa", "dia-ban"):
        assert client.get(reverse(f"{name}:index")).status_code in {302, 403}


def test_an_editor_publishes_any_page(client, page, huy):
    client.force_login(huy)
    edit(client, page, cooperative=page.cooperative_id, tagline="Do biên tập viên", **{"action-publish": "1"})
    assert CooperativePage.objects.get().tagline == "Do biên tập viên"


def test_a_stranger_and_a_plain_user_do_not_enter_the_administration(client, site):
    assert client.get("/quan-tri/").status_code == 302
    client.force_login(UserFactory())
    assert client.get("/quan-tri/").status_code in {302, 403}


def test_a_clerk_who_edits_a_page_lands_in_the_portal(client, page, hoa, cooperative):
    MembershipFactory(user=hoa, cooperative=cooperative)
    client.force_login(hoa)
    assert client.get(reverse("users:landing"))["Location"] == reverse("portal:today")


def test_the_policy_is_looser_under_the_administration_alone(client, site, huy):
    client.force_login(huy)
    assert "'unsafe-inline'" in client.get("/quan-tri/")["Content-Security-Policy"]
    assert "unsafe-inline" not in client.get("/")["Content-Security-Policy"]
