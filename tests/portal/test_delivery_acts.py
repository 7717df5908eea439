"""What a clerk may do with a parcel that is fetched, and what one reads of its delivery."""

import pytest
from django.urls import reverse

from marketplace.order.models import Parcel
from marketplace.order.progress import still_to_come
from tests.factories.cooperatives import MembershipFactory, PickupPointFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import ParcelFactory, bring_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def fetched():
    listing = ListingFactory()
    point = PickupPointFactory(cooperative=listing.cooperative)
    parcel = ParcelFactory(listing=listing, deliveries={listing.cooperative_id: str(point.pk)})
    return bring_to(parcel, Parcel.Status.PACKED)


@pytest.fixture
def work(client, fetched):
    client.force_login(MembershipFactory(cooperative=fetched.cooperative).user)
    return client


def act_url(parcel, slug):
    return reverse("portal:act", kwargs={"number": parcel.number, "slug": slug})


def test_a_parcel_that_is_fetched_gets_ready_and_is_not_handed_over(work, fetched):
    page = work.get(reverse("portal:parcel", kwargs={"number": fetched.number})).content.decode()
    assert act_url(fetched, "san-sang") in page
    assert act_url(fetched, "gui-di") not in page
    assert fetched.pickup_note in page
    work.post(act_url(fetched, "gui-di"), {"carrier": "GHN"})
    fetched.refresh_from_db()
    assert (fetched.status, fetched.carrier) == ("packed", "")
    work.post(act_url(fetched, "san-sang"))
    fetched.refresh_from_db()
    assert fetched.status == "ready"
    assert fetched.number.upper() in work.get(reverse("portal:today")).content.decode()
    work.post(act_url(fetched, "da-giao"))
    fetched.refresh_from_db()
    assert (fetched.status, fetched.payment_status) == ("delivered", "paid")


def test_a_parcel_that_is_brought_never_waits_to_be_fetched(client):
    brought = ParcelFactory(status=Parcel.Status.PACKED)
    client.force_login(MembershipFactory(cooperative=brought.cooperative).user)
    page = client.get(reverse("portal:parcel", kwargs={"number": brought.number})).content.decode()
    assert act_url(brought, "san-sang") not in page
    client.post(act_url(brought, "san-sang"))
    brought.refresh_from_db()
    assert brought.status == "packed"


def test_what_is_still_to_come_of_a_fetched_parcel_is_that_it_is_ready(work, fetched):
    ahead = [str(Parcel.Status.READY.label), str(Parcel.Status.DELIVERED.label)]
    assert still_to_come(fetched) == ahead
    page = work.get(reverse("portal:parcel", kwargs={"number": fetched.number})).content.decode()
    assert all(label in page for label in ahead)
    assert str(Parcel.Status.SHIPPED.label) not in page


def test_the_carriers_page_is_a_link_where_it_is_known(client):
    parcel = ParcelFactory(status=Parcel.Status.PACKED)
    client.force_login(MembershipFactory(cooperative=parcel.cooperative).user)
    client.post(act_url(parcel, "gui-di"), {"carrier": "GHN", "tracking_number": "GA123456"})
    page = client.get(reverse("portal:parcel", kwargs={"number": parcel.number})).content.decode()
    assert 'href="https://donhang.ghn.vn/?order_code=GA123456"' in page
