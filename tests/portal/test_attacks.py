"""What nobody's browser would send to the workplace, and goods that could reach no buyer."""

import pytest
from django.urls import reverse

from catalog.models import Product
from catalog.photos import remove_photo
from marketplace.shipping.models import DeliveryMethod
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory
from tests.factories.listings import ListingFactory
from tests.portal.test_goods import photo_file, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def cooperative():
    return CooperativeFactory()


@pytest.fixture
def work(client, cooperative):
    client.force_login(MembershipFactory(cooperative=cooperative).user)
    return client


@pytest.mark.parametrize("wrong", ["²", "١", "１", "-1", "1.0", "NaN", "\0", "9" * 18])
def test_a_cooperative_that_is_no_number_is_not_found(work, wrong):
    assert work.post(reverse("portal:switch"), {"cooperative": wrong}).status_code == 404


def test_goods_of_a_cooperative_without_a_way_of_delivery_stay_a_draft(work, cooperative):
    DeliveryMethod.objects.update(is_active=False)
    answer = work.post(reverse("portal:listing_new"), said(cooperative, CommodityFactory()), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert Product.objects.get().state == "draft"


def test_paused_goods_without_a_way_of_delivery_stay_paused(work, cooperative):
    listing = ListingFactory(cooperative=cooperative, state="paused", is_public=False)
    DeliveryMethod.objects.all().delete()
    work.post(reverse("portal:listing_state", args=[listing.pk, "ban"]))
    listing.refresh_from_db()
    assert (listing.state, listing.is_public) == ("paused", False)


def test_a_photo_that_two_taps_remove_is_removed_once(work, cooperative):
    work.post(reverse("portal:listing_new"), said(cooperative, CommodityFactory(), photo=photo_file()))
    photo = Product.objects.get().images.get()
    for _ in range(2):
        remove_photo(photo=photo)
    assert Product.objects.get().cover_stem == ""


def test_somebody_elses_kept_photo_is_not_taken(client, work, cooperative):
    kept = work.post(reverse("portal:listing_new"), said(cooperative, CommodityFactory(), title="", photo=photo_file()))
    reference = kept.context["form"].next_photo_reference
    assert reference
    client.force_login(MembershipFactory(cooperative=cooperative).user)
    for text in (reference, reference[:-1], "\0", "x" * 10_000):
        client.post(reverse("portal:listing_new"), said(cooperative, CommodityFactory(), photo_reference=text))
    assert not [listing for listing in Product.objects.all() if listing.cover_stem]


def test_what_looks_like_a_script_is_only_text_on_the_page(work, client, cooperative):
    script = "</script><script>alert(1)</script>"
    work.post(
        reverse("portal:listing_new"),
        said(cooperative, CommodityFactory(), title=script, description=f"{script} <img src=x onerror=alert(1)>"),
    )
    listing = Product.objects.get()
    assert listing.is_public
    for url in (listing.get_absolute_url(), reverse("catalogue:index"), reverse("portal:listings")):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
