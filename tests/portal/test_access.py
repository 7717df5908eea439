"""Who may enter the workplace, and whose parcels and goods one sees there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from cooperatives.models import Membership
from marketplace.order.models import Parcel
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import OrderFactory, ParcelFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

Role = Membership.Role


@pytest.fixture
def listing() -> Product:
    return ListingFactory()


@pytest.fixture
def parcel(listing) -> Parcel:
    return ParcelFactory(listing=listing)


def addresses(parcel: Parcel, listing: Product) -> dict[str, list[str]]:
    """Every page and act of the workplace, by the ways to ask for it."""
    here = {"number": parcel.number}
    return {
        "get": [
            reverse("portal:today"),
            reverse("portal:parcels"),
            reverse("portal:listings"),
            reverse("portal:listing_new"),
            *objects(parcel, listing)["get"],
        ],
        "post": [
            reverse("portal:listing_new"),
            reverse("portal:act", kwargs={**here, "slug": "xac-nhan"}),
            *objects(parcel, listing)["post"],
        ],
    }


def objects(parcel: Parcel, listing: Product) -> dict[str, list[str]]:
    here = {"number": parcel.number}
    goods = {"pk": listing.pk}
    return {
        "get": [
            reverse("portal:parcel", kwargs=here),
            reverse("portal:act", kwargs={**here, "slug": "huy"}),
            reverse("portal:listing_edit", kwargs=goods),
            reverse("portal:listing_state", kwargs={**goods, "slug": "go"}),
        ],
        "post": [
            reverse("portal:act", kwargs={**here, "slug": "xac-nhan"}),
            reverse("portal:act", kwargs={**here, "slug": "huy"}),
            reverse("portal:stock", kwargs=goods),
            reverse("portal:listing_edit", kwargs=goods),
            reverse("portal:listing_state", kwargs={**goods, "slug": "tam-dung"}),
            reverse("portal:listing_state", kwargs={**goods, "slug": "go"}),
            reverse("portal:photo_remove", kwargs={**goods, "photo": 1}),
        ],
    }


def answers(client, urls: dict[str, list[str]]) -> set[int]:
    return {getattr(client, method)(url).status_code for method, some in urls.items() for url in some}


def nothing_changed(parcel: Parcel, listing: Product) -> bool:
    parcel.refresh_from_db()
    listing.refresh_from_db()
    return (parcel.status, parcel.events.count(), listing.state) == ("placed", 1, "published")


def test_nobody_is_led_to_the_login(client, parcel, listing):
    for method, urls in addresses(parcel, listing).items():
        for url in urls:
            answer = getattr(client, method)(url)
            assert answer.status_code == 302, url
            assert answer.url.startswith(reverse("account_login")), url
    assert nothing_changed(parcel, listing)


def test_a_buyer_finds_nothing(client, parcel, listing):
    client.force_login(UserFactory())
    assert answers(client, addresses(parcel, listing)) == {404}
    assert nothing_changed(parcel, listing)


def test_an_official_who_is_staff_finds_nothing(client, parcel, listing):
    client.force_login(UserFactory(is_staff=True))
    assert answers(client, addresses(parcel, listing)) == {404}


def test_a_member_without_a_role_is_forbidden(client, parcel, listing):
    client.force_login(MembershipFactory(cooperative=listing.cooperative, role=Role.MEMBER).user)
    assert answers(client, addresses(parcel, listing)) == {403}
    assert nothing_changed(parcel, listing)


def test_a_clerk_of_another_cooperative_does_not_find_the_parcel_or_the_goods(client, parcel, listing):
    client.force_login(MembershipFactory().user)
    assert answers(client, objects(parcel, listing)) == {404}
    assert nothing_changed(parcel, listing)


def test_a_clerk_whose_time_is_over_finds_nothing(client, parcel, listing):
    today = timezone.localdate()
    left = MembershipFactory(cooperative=listing.cooperative, valid_to=today)
    coming = MembershipFactory(cooperative=listing.cooperative, valid_from=today + timedelta(days=1))
    for membership in (left, coming):
        client.force_login(membership.user)
        assert answers(client, addresses(parcel, listing)) == {404}


@pytest.mark.parametrize("role", [Role.CLERK, Role.MANAGER])
def test_a_clerk_and_a_manager_see_their_own(client, parcel, listing, role):
    client.force_login(MembershipFactory(cooperative=listing.cooperative, role=role).user)
    for url in addresses(parcel, listing)["get"]:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert "no-store" in answer["Cache-Control"], url


def test_a_clerk_never_sees_what_the_buyer_ordered_elsewhere(client):
    ours, theirs = ListingFactory(title="Miến dong"), ListingFactory(title="Mật ong")
    order = OrderFactory(goods=[(ours, 2), (theirs, 7)])
    client.force_login(MembershipFactory(cooperative=ours.cooperative).user)
    parcel = order.parcels.get(cooperative=ours.cooperative)
    foreign = order.parcels.get(cooperative=theirs.cooperative)
    for url in (reverse("portal:today"), reverse("portal:parcels"), reverse("portal:parcel", args=[parcel.number])):
        page = client.get(url).content.decode()
        assert "Miến dong" in page
        for secret in ("Mật ong", theirs.cooperative.short_name, order.number.upper(), foreign.number.upper()):
            assert secret not in page
    assert client.get(reverse("portal:parcel", args=[foreign.number])).status_code == 404


def test_a_number_that_nobody_has_is_not_found(client, listing):
    client.force_login(MembershipFactory(cooperative=listing.cooperative).user)
    for number in ("khong-co", "0" * 10, "x" * 200):
        assert client.get(reverse("portal:parcel", args=[number])).status_code == 404


def test_who_works_for_two_cooperatives_switches_between_them(client):
    user = UserFactory()
    first = MembershipFactory(user=user, cooperative=CooperativeFactory(name="A", short_name="HTX Ao")).cooperative
    second = MembershipFactory(user=user, cooperative=CooperativeFactory(name="B", short_name="HTX Bến")).cooperative
    stranger = CooperativeFactory()
    client.force_login(user)
    assert client.get(reverse("portal:today")).context["workplace"].cooperative == first
    client.post(reverse("portal:switch"), {"cooperative": second.pk})
    assert client.get(reverse("portal:today")).context["workplace"].cooperative == second
    for wrong in (stranger.pk, "x", "9" * 30, ""):
        assert client.post(reverse("portal:switch"), {"cooperative": wrong}).status_code == 404
    assert client.get(reverse("portal:today")).context["workplace"].cooperative == second
