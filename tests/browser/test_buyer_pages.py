"""The buyer's order with everything that can stand on it, and the cooperative's side of a problem: axe finds nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from marketplace.order.models import Parcel, ProblemPhoto
from marketplace.order.problems import prepare_photos
from marketplace.order.services import confirm_parcel
from marketplace.payment.models import Refund
from tests.architecture.world import World, build_world
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pages import enter, faults
from tests.buyer.test_problems import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = pytest.mark.parametrize("width", [PHONE, DESK], ids=["phone", "desk"])


@pytest.fixture
def world(transactional_db) -> World:
    world = build_world()
    confirm_parcel(parcel=world.parcel, by=None, now=timezone.now())
    Refund.objects.filter(pk=world.refund.pk).update(status="succeeded", external_id="FT1")
    Parcel.objects.filter(pk=world.parcel.pk).update(carrier="GHN", tracking_number="GA123456", note="Gọi trước")
    photo = prepare_photos([picture((900, 600))])[0]
    ProblemPhoto.objects.filter(pk=world.photo.pk).update(content=photo.content, width=photo.width, height=photo.height)
    return world


@WIDTHS
def test_the_order_and_all_that_can_be_done_about_it(visit, world, width):
    buyer = visit(width)
    enter(buyer, world.people["buyer"])
    names = ("order:detail", "order:mine", "order:recipient", "order:problem", "order:contest", "order:cancel")
    assert faults(buyer, [world.url(name) for name in names]) == []


@WIDTHS
def test_problems_at_the_cooperative(visit, world, width):
    clerk = visit(width)
    enter(clerk, world.people["clerk"])
    assert faults(clerk, [reverse("portal:problems"), world.url("portal:problem"), reverse("portal:today")]) == []


def test_a_report_is_sent_by_the_form_as_it_stands(visit, world, tmp_path):
    buyer = visit(PHONE)
    enter(buyer, world.people["buyer"])
    page = buyer.open(world.url("order:problem"))
    path = tmp_path / "tui.jpg"
    path.write_bytes(picture((400, 300)).read())
    page.check("input[name=kind][value=missing]")
    page.fill("textarea[name=text]", "Thiếu một túi")
    page.set_input_files("input[type=file]", [str(path), str(path)])
    buyer.press("main form button.button--main")
    assert "Thiếu một túi" in page.inner_text("main")
    assert page.locator(".told").last.locator("img").count() == 2
    assert buyer.errors == []
