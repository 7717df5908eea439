"""A clerk's day: from a new parcel to cash in hand, and what goes wrong on the way."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from cooperatives.linkage.models import SaleEvidence
from cooperatives.partner.models import StockRecord
from marketplace.order.models import Parcel
from marketplace.payment.models import PaymentFact, PaymentTerms
from marketplace.payment.refunds import record_refund_given, request_refund
from tests.factories.cooperatives import MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.money import parcel_of
from tests.factories.orders import PLACED_AT, ParcelFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

Status = Parcel.Status


@pytest.fixture
def listing():
    return ListingFactory(title="Hạt dẻ Trùng Khánh", step=Decimal("0.5"), price_per_unit=120_000)


@pytest.fixture
def clerk(listing):
    person = UserFactory(full_name="Đàm Văn Bình")
    return MembershipFactory(cooperative=listing.cooperative, user=person).user


@pytest.fixture
def work(client, clerk):
    client.force_login(clerk)
    return client


def act_url(parcel: Parcel, slug: str) -> str:
    return reverse("portal:act", args=[parcel.number, slug])


def status_of(parcel: Parcel) -> str:
    parcel.refresh_from_db()
    return parcel.status


def test_the_day_shows_what_waits_with_its_next_step(work, listing):
    new = ParcelFactory(listing=listing, units="1.5", note="Xin quả to")
    packed = ParcelFactory(listing=listing, status=Status.PACKED)
    ParcelFactory(listing=listing, status=Status.DELIVERED)
    page = work.get(reverse("portal:today"))
    assert [section["count"] for section in page.context["sections"]] == [1, 0, 1, 0]
    html = page.content.decode()
    assert "1,5 kg" in html
    assert "210.000\u00a0₫" in html
    assert act_url(new, "xac-nhan") in html
    assert act_url(packed, "gui-di") in html


def test_a_parcel_goes_from_new_to_paid_in_four_acts(work, listing, clerk):
    parcel = ParcelFactory(listing=listing, units=2)
    for slug, said in (
        ("xac-nhan", {}),
        ("dong-goi", {}),
        ("gui-di", {"note": "Xe khách 11B-001.23"}),
        ("da-giao", {}),
    ):
        answer = work.post(act_url(parcel, slug), said)
        assert answer.url == reverse("portal:parcel", args=[parcel.number])
    assert status_of(parcel) == Status.DELIVERED
    assert parcel.payment_status == Parcel.PaymentStatus.PAID
    fact = PaymentFact.objects.get()
    assert (fact.amount, fact.recorded_by) == (Decimal(270_000), clerk)
    assert SaleEvidence.objects.count() == 1
    stock = StockRecord.objects.get()
    assert (stock.num_in_stock, stock.num_allocated) == (36, 0)
    assert [event.by for event in parcel.events.all()][1:] == [clerk] * 4
    html = work.get(reverse("portal:parcel", args=[parcel.number])).content.decode()
    assert "Xe khách 11B-001.23 · Đàm Văn Bình" in html


def test_the_days_page_is_three_taps_from_the_next_step_and_leads_back(work, listing):
    parcel = ParcelFactory(listing=listing)
    answer = work.post(act_url(parcel, "xac-nhan"), {"back": "today"})
    assert answer.url == reverse("portal:today")
    page = work.get(act_url(ParcelFactory(listing=listing, status=Status.PACKED), "gui-di"), {"back": "today"})
    assert 'name="back" value="today"' in page.content.decode()


def test_an_act_sent_twice_is_done_once_and_says_so(work, listing):
    parcel = ParcelFactory(listing=listing, status=Status.SHIPPED)
    work.post(act_url(parcel, "da-giao"))
    answer = work.post(act_url(parcel, "da-giao"), follow=True)
    assert answer.redirect_chain == [(reverse("portal:parcel", args=[parcel.number]), 302)]
    assert [message.level_tag for message in answer.context["messages"]][-1] == "info"
    assert PaymentFact.objects.count() == 1
    assert parcel.events.filter(to_status=Status.DELIVERED).count() == 1


def test_an_act_that_is_not_possible_leads_to_the_parcel_and_changes_nothing(work, listing):
    parcel = ParcelFactory(listing=listing)
    answer = work.post(act_url(parcel, "da-giao"), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert status_of(parcel) == Status.PLACED
    assert not PaymentFact.objects.exists()


def test_looking_at_an_acts_page_does_nothing(work, listing):
    parcel = ParcelFactory(listing=listing, status=Status.SHIPPED)
    html = work.get(act_url(parcel, "da-giao")).content.decode()
    assert "150.000\u00a0₫" in html
    assert status_of(parcel) == Status.SHIPPED


@pytest.mark.parametrize("said", [{}, {"reason": "khong-co"}, {"reason": "refused", "note": "x" * 301}])
def test_a_failed_delivery_needs_a_reason_and_keeps_what_was_typed(work, listing, said):
    parcel = ParcelFactory(listing=listing, status=Status.SHIPPED)
    answer = work.post(act_url(parcel, "giao-hong"), said)
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert status_of(parcel) == Status.SHIPPED
    if "note" in said:
        assert said["note"] in answer.content.decode()


def test_a_failed_delivery_is_sent_again_or_comes_back_onto_the_shelf(work, listing):
    parcel = ParcelFactory(listing=listing, units=2, status=Status.SHIPPED)
    work.post(act_url(parcel, "giao-hong"), {"reason": "refused", "note": "Khách đổi ý"})
    assert status_of(parcel) == Status.DELIVERY_FAILED
    work.post(act_url(parcel, "gui-di"), {"note": "Gửi lại"})
    assert status_of(parcel) == Status.SHIPPED
    work.post(act_url(parcel, "giao-hong"), {"reason": "nobody_home"})
    work.post(act_url(parcel, "hoan-ve"), {})
    work.post(act_url(parcel, "da-hoan"), {"is_restocked": "on"})
    assert status_of(parcel) == Status.RETURNED
    assert StockRecord.objects.get().num_in_stock == 40


def test_goods_that_are_not_fit_to_be_sold_stay_off_the_shelf(work, listing):
    parcel = ParcelFactory(listing=listing, units=2, status=Status.RETURNING)
    work.post(act_url(parcel, "da-hoan"), {})
    assert status_of(parcel) == Status.RETURNED
    assert StockRecord.objects.get().num_in_stock == 36


def test_a_cancelled_parcel_gives_its_stock_back(work, listing):
    parcel = ParcelFactory(listing=listing, units=2)
    assert work.post(act_url(parcel, "huy"), {}).status_code == 422
    assert work.post(act_url(parcel, "huy"), {"reason": "buyer"}).status_code == 422
    assert status_of(parcel) == Status.PLACED
    work.post(act_url(parcel, "huy"), {"reason": "out_of_stock"})
    assert status_of(parcel) == Status.CANCELLED
    assert StockRecord.objects.get().num_allocated == 0


def test_an_act_that_does_not_exist_is_not_found(work, listing):
    assert work.get(act_url(ParcelFactory(listing=listing), "xoa")).status_code == 404


@pytest.mark.parametrize("status", list(Status))
def test_the_page_of_a_parcel_in_any_status_shows_its_own_acts_only(work, listing, status):
    parcel = ParcelFactory(listing=listing, status=status)
    page = work.get(reverse("portal:parcel", args=[parcel.number]))
    shown = {act.to_status for act in (*page.context["main_acts"], *page.context["grave_acts"])}
    expected = {
        Status.PLACED: {"confirmed", "cancelled"},
        Status.CONFIRMED: {"packed", "cancelled"},
        Status.PACKED: {"shipped"},
        Status.READY: {"delivered", "returned"},
        Status.SHIPPED: {"delivered", "delivery_failed"},
        Status.DELIVERY_FAILED: {"shipped", "returning"},
        Status.RETURNING: {"returned"},
        Status.DELIVERED: {"returned"},
    }
    assert shown == expected.get(status, set())


def test_a_parcel_to_be_fetched_is_made_ready_and_is_never_handed_over(work, listing):
    parcel = ParcelFactory(listing=listing, status=Status.PACKED)
    Parcel.objects.update(delivery_kind=Parcel.DeliveryKind.PICKUP)
    work.post(act_url(parcel, "gui-di"), {})
    assert status_of(parcel) == Status.PACKED
    work.post(act_url(parcel, "san-sang"), {})
    assert status_of(parcel) == Status.READY


class TestLists:
    def test_parcels_are_listed_by_status_and_unknown_lists_are_not_found(self, work, listing):
        new = ParcelFactory(listing=listing)
        done = ParcelFactory(listing=listing, status=Status.DELIVERED)
        numbers = {
            view: [row.number for row in work.get(reverse("portal:parcels"), {"xem": view}).context["rows"]]
            for view in ("cho-xac-nhan", "da-giao", "tat-ca", "huy-hoan")
        }
        assert numbers == {
            "cho-xac-nhan": [new.number],
            "da-giao": [done.number],
            "tat-ca": [done.number, new.number],
            "huy-hoan": [],
        }
        assert work.get(reverse("portal:parcels"), {"xem": "gi-do"}).status_code == 404

    @pytest.mark.parametrize("page", ["", "0", "-1", "9999999999", "hai", "²", "1"])
    def test_any_page_number_shows_a_page(self, work, listing, page):
        ParcelFactory(listing=listing)
        answer = work.get(reverse("portal:parcels"), {"trang": page})
        assert len(answer.context["rows"]) == 1

    @pytest.mark.parametrize("name", ["today", "parcels"])
    def test_the_number_of_queries_does_not_depend_on_the_number_of_parcels(
        self, work, listing, name, django_assert_num_queries
    ):
        # Session, user, membership, counts, parcels, their lines; the day also counts problems and refunds, the list its
        # pages.
        queries = {"today": 8, "parcels": 7}[name]
        ParcelFactory(listing=listing)
        with django_assert_num_queries(queries):
            work.get(reverse(f"portal:{name}"))
        for _ in range(5):
            ParcelFactory(listing=listing)
        with django_assert_num_queries(queries):
            work.get(reverse(f"portal:{name}"))

    def test_a_parcels_page_costs_eight_queries(self, work, listing, django_assert_num_queries):
        parcel = ParcelFactory(listing=listing, status=Status.SHIPPED)
        # Session, user, parcel, its lines, its events, the right to see it; the buyer's problems and changes.
        with django_assert_num_queries(8):
            work.get(reverse("portal:parcel", args=[parcel.number]))


class TestWhatIsDue:
    @pytest.fixture
    def page(self, client):
        def show(parcel, name="parcel", *args):
            client.force_login(MembershipFactory(cooperative=parcel.cooperative).user)
            return client.get(reverse(f"portal:{name}", args=[parcel.number, *args] if name != "parcels" else []))

        return show

    def test_cash_is_collected_with_the_delivery_and_what_is_paid_is_only_delivered(self, page):
        cash, card = (parcel_of(100_000, method=method, status="shipped") for method in ("cod", "card"))
        for parcel, icon in ((cash, "banknote"), (card, "package-check")):
            answer = page(parcel)
            assert [act.icon for act in answer.context["main_acts"]] == [icon]
            assert page(parcel, "act", "da-giao").context["act"].icon == icon
        assert cash.total == 130_000
        assert "130.000\u00a0₫" in page(cash, "act", "da-giao").content.decode()
        assert "130.000\u00a0₫" not in page(card, "act", "da-giao").content.decode()

    def test_of_a_part_that_is_paid_the_rest_is_to_be_collected(self, page):
        parcel = parcel_of(100_000, method="card", status="shipped")
        Parcel.objects.filter(pk=parcel.pk).update(
            goods_total=120_000, total=150_000, paid_at=None, payment_status="part_paid"
        )
        answer = page(parcel)
        assert [int(row.amount) for row in answer.context["sums"]] == [120_000, 30_000, 150_000, 130_000, 20_000]
        assert "20.000\u00a0₫" in answer.context["row"].payment
        assert "20.000\u00a0₫" in page(parcel, "act", "da-giao").content.decode()
        assert "20.000\u00a0₫" in page(parcel, "parcels").content.decode()

    def test_what_was_given_back_is_taken_off_what_was_collected(self, page):
        parcel = parcel_of(100_000, method="cod", status="delivered")
        refund = request_refund(parcel=parcel, key="1", reason="late", amount=10_000, now=PLACED_AT)[0]
        record_refund_given(refund=refund, reference="FT1", now=PLACED_AT)
        sums = page(parcel).context["sums"]
        assert [int(row.amount) for row in sums] == [100_000, 30_000, 10_000, 120_000]

    @pytest.mark.parametrize("status", ["placed", "cancelled"])
    def test_before_any_money_came_the_whole_is_shown(self, page, status):
        sums = page(parcel_of(100_000, method="cod", status=status)).context["sums"]
        assert [int(row.amount) for row in sums] == [100_000, 30_000, 130_000]

    def test_how_it_is_paid_stands_on_its_page_and_in_the_list(self, page):
        words = set()
        for method in ("cod", "transfer", "card"):
            for is_paid in (False, True):
                if method == "cod" and is_paid:
                    parcel = parcel_of(100_000, method=method, status="delivered")
                else:
                    parcel = parcel_of(100_000, method=method, is_paid=is_paid)
                said = page(parcel).context["row"].payment
                assert said in page(parcel, "parcels").content.decode()
                words.add(said)
        assert len(words) == 6


@pytest.mark.parametrize(
    ("asks", "status", "is_shown"), [(1, "placed", 1), (1, "confirmed", 1), (1, "packed", 0), (0, "confirmed", 0)]
)
def test_a_cooperative_that_calls_first_is_reminded_with_the_number(work, listing, asks, status, is_shown):
    parcel = ParcelFactory(listing=listing, status=status)
    PaymentTerms.objects.create(cooperative=listing.cooperative, calls_before_packing=bool(asks))
    pages = [reverse("portal:today"), reverse("portal:parcel", args=[parcel.number])]
    if status == "confirmed":
        pages.append(reverse("portal:pack", args=[parcel.number]))
    for url in pages:
        html = work.get(url).content.decode()
        shown = gettext("Call the buyer before packing") in html
        assert shown == bool(is_shown)
        assert not shown or f"tel:{parcel.order.buyer_phone}" in html
