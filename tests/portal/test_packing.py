"""The clerk's scales and the clerk's money back: what is typed, what comes of it, what is refused."""

import pytest
from django.urls import reverse
from django.utils import timezone

from marketplace.order.models import Parcel, WeightConsent
from marketplace.payment.models import PaymentFact, PaymentTerms, Refund
from marketplace.payment.refunds import contest_refund, record_refund_given, request_refund
from tests.factories.cooperatives import MembershipFactory
from tests.factories.money import goods, order_of, parcel_of, pay
from tests.factories.orders import bring_to

pytestmark = pytest.mark.django_db


def clerk_of(client, parcel):
    client.force_login(MembershipFactory(cooperative=parcel.cooperative).user)
    return client


def hen(method="cod"):
    """A confirmed parcel of 1 kg, weighed when packed."""
    parcel = order_of(goods(100_000, is_weighed=True), method=method).parcels.get()
    if method != "cod":
        pay(parcel)
    return bring_to(Parcel.objects.get(pk=parcel.pk), "confirmed")


def send(client, parcel, **typed):
    """The packing page, sent; `typed` names lines by their place."""
    lines = list(parcel.lines.order_by("pk"))
    fields = {f"line_{lines[int(name[1:])].pk}" if name[1:].isdigit() else name: value for name, value in typed.items()}
    return client.post(reverse("portal:pack", args=[parcel.number]), fields)


class TestPacking:
    def test_a_parcel_as_ordered_is_packed_by_one_tap(self, client):
        parcel = parcel_of(100_000, method="cod", status="confirmed")
        clerk_of(client, parcel).post(reverse("portal:act", args=[parcel.number, "dong-goi"]))
        assert Parcel.objects.get().status == "packed"

    def test_weighed_goods_lead_to_the_page_that_asks(self, client):
        parcel = hen()
        answer = clerk_of(client, parcel).post(reverse("portal:act", args=[parcel.number, "dong-goi"]))
        assert answer.url == reverse("portal:pack", args=[parcel.number])
        assert Parcel.objects.get().status == "confirmed"
        assert client.get(answer.url).status_code == 200

    @pytest.mark.parametrize("typed", ["0,95", "0.95", " 0,950 "])
    def test_a_weight_is_read_as_people_write_it(self, client, typed):
        parcel = hen()
        assert send(clerk_of(client, parcel), parcel, l0=typed).status_code == 302
        parcel.refresh_from_db()
        assert (parcel.status, parcel.goods_total) == ("packed", 95_000)

    @pytest.mark.parametrize("typed", ["", "abc", "-1", "1,2345", "0.950", "9,5", "1" * 30])
    def test_what_is_no_weight_is_refused_and_kept(self, client, typed):
        parcel = hen()
        answer = send(clerk_of(client, parcel), parcel, l0=typed, note="Gà trống")
        assert answer.status_code == 422
        assert answer.context["form"].errors
        assert "Gà trống" in answer.content.decode()
        assert Parcel.objects.get().status == "confirmed"

    def test_a_weight_beyond_the_tolerance_asks_the_buyer_and_says_so(self, client):
        parcel = hen("card")
        send(clerk_of(client, parcel), parcel, l0="1,2")
        assert WeightConsent.objects.get().charge == 120_000
        page = client.get(reverse("portal:parcel", args=[parcel.number]))
        assert [question.weight for question in page.context["questions"]] == [WeightConsent.objects.get().weight]

    def test_less_needs_a_reason_and_makes_a_refund(self, client):
        parcel = parcel_of(100_000, status="confirmed")
        answer = send(clerk_of(client, parcel), parcel, l0="0,5")
        assert answer.status_code == 422
        assert "reason" in answer.context["form"].errors
        assert send(client, parcel, l0="0,5", reason="ran_out").status_code == 302
        assert Refund.objects.get().amount == 50_000

    def test_nothing_at_all_is_a_cancellation(self, client):
        parcel = parcel_of(100_000, status="confirmed")
        assert send(clerk_of(client, parcel), parcel, l0="0", reason="ran_out").status_code == 422
        assert Parcel.objects.get().status == "confirmed"

    def test_a_parcel_that_is_packed_leads_back(self, client):
        parcel = parcel_of(100_000, status="packed")
        assert send(clerk_of(client, parcel), parcel, l0="1").status_code == 302


class TestRefunding:
    def form(self, client, parcel, **typed):
        url = reverse("portal:refund", args=[parcel.number])
        token = client.get(url).context["form"]["token"].value()
        return client.post(url, {"token": token, **typed})

    def test_by_line_it_goes_on_to_how_it_was_given(self, client):
        parcel = parcel_of(100_000, 50_000, method="cod", status="delivered")
        line = parcel.lines.order_by("pk")[1]
        answer = self.form(clerk_of(client, parcel), parcel, reason="damaged", **{f"line_{line.pk}": "20.000"})
        refund = Refund.objects.get()
        assert answer.url == reverse("portal:refund_given", args=[refund.pk])
        assert [(row.line_id, row.amount) for row in refund.lines.all()] == [(line.pk, 20_000)]
        assert client.post(answer.url, {"reference": ""}).status_code == 422
        client.post(answer.url, {"reference": "FT123"})
        refund.refresh_from_db()
        assert (refund.status, refund.external_id) == ("succeeded", "FT123")
        assert refund.created_by is not None
        assert PaymentFact.objects.filter(kind="refunded").count() == 1

    def test_pressed_twice_it_is_one(self, client):
        parcel = parcel_of(100_000, method="card", status="delivered")
        url = reverse("portal:refund", args=[parcel.number])
        token = clerk_of(client, parcel).get(url).context["form"]["token"].value()
        for _ in range(2):
            client.post(url, {"token": token, "reason": "late", "amount": "10.000"})
        assert Refund.objects.count() == 1

    @pytest.mark.parametrize(
        "typed",
        [
            {"amount": "130.001", "reason": "late"},
            {"amount": "0", "reason": "late"},
            {"amount": "", "reason": "late"},
            {"amount": "-5", "reason": "late"},
            {"amount": "10,5", "reason": "late"},
            {"amount": "1.000"},
            {"amount": "1.000", "reason": "cancelled"},
            {"amount": "1.000", "reason": "late", "token": "forged"},
        ],
    )
    def test_what_cannot_be_given_is_refused(self, client, typed):
        parcel = parcel_of(100_000, method="card", status="delivered")
        answer = self.form(clerk_of(client, parcel), parcel, **typed)
        assert answer.status_code == 422
        assert not Refund.objects.exists()

    def test_a_line_and_an_amount_together_are_refused(self, client):
        parcel = parcel_of(100_000, method="card", status="delivered")
        line = parcel.lines.get()
        answer = self.form(
            clerk_of(client, parcel), parcel, reason="late", amount="1.000", **{f"line_{line.pk}": "1.000"}
        )
        assert answer.status_code == 422

    def test_before_money_came_the_page_says_so(self, client):
        parcel = parcel_of(100_000, method="cod")
        answer = clerk_of(client, parcel).get(reverse("portal:refund", args=[parcel.number]))
        assert answer.context["possible"] == 0

    def test_what_waits_and_what_is_contested_stand_in_the_list(self, client):
        now = timezone.now()
        parcel = parcel_of(100_000, method="cod", status="delivered")
        for key in "ab":
            request_refund(parcel=parcel, key=key, reason="late", amount=1_000, now=now)
        refund = Refund.objects.order_by("pk")[0]
        record_refund_given(refund=refund, reference="FT", now=now)
        contest_refund(refund=refund, note="Chưa thấy", now=now)
        page = clerk_of(client, parcel).get(reverse("portal:refunds"))
        assert [row["contest"] for row in page.context["waiting"]] == ["Chưa thấy", ""]
        assert not page.context["done"]

    def test_another_cooperative_sees_and_changes_nothing(self, client):
        parcel = parcel_of(100_000, method="cod", status="delivered")
        refund = request_refund(parcel=parcel, key="a", reason="late", amount=1_000, now=timezone.now())[0]
        client.force_login(MembershipFactory().user)
        assert client.post(reverse("portal:refund_given", args=[refund.pk]), {"reference": "x"}).status_code == 404
        assert client.post(reverse("portal:refund", args=[parcel.number]), {"amount": "1"}).status_code == 404
        assert not client.get(reverse("portal:refunds")).context["waiting"]


class TestTerms:
    def test_they_are_kept(self, client):
        membership = MembershipFactory()
        client.force_login(membership.user)
        url = reverse("portal:terms")
        assert client.get(url).status_code == 200
        client.post(url, {"accepts_cash": "on", "cash_maximum": "2.000.000", "accepts_transfer": "on"})
        terms = PaymentTerms.objects.get(cooperative=membership.cooperative)
        assert (terms.accepts_cash, terms.cash_maximum, terms.accepts_card) == (True, 2_000_000, False)

    @pytest.mark.parametrize("typed", [{}, {"accepts_cash": "on", "cash_maximum": "nhiều"}])
    def test_nobody_can_close_every_way_or_type_no_amount(self, client, typed):
        client.force_login(MembershipFactory().user)
        assert client.post(reverse("portal:terms"), typed).status_code == 422
        assert not PaymentTerms.objects.exists()
