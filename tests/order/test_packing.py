"""True weights and less than was ordered: what the line, the parcel, the order, the stock and the buyer's money become."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.linkage.models import SaleEvidence
from cooperatives.partner.models import StockRecord
from marketplace.order import services
from marketplace.order.charges import charge_for
from marketplace.order.emails_packing import consent_url
from marketplace.order.models import Line, Order, Parcel, WeightConsent
from marketplace.order.packing import (
    AskedAlreadyError,
    ConsentOverError,
    NothingPackedError,
    NotPaidYetError,
    PackedNotInStepsError,
    PackedTooMuchError,
    ShortReasonMissingError,
    WeightImplausibleError,
    answer_consent,
    expire_consents,
    pack_as,
    record_weights,
)
from marketplace.order.states import NotWeighedError, TransitionNotAllowedError
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.models import PaymentFact, Refund
from marketplace.payment.services import deliver_with_cash
from tests.factories.money import (
    assert_books_balance,
    discount,
    goods,
    order_of,
    parcel_of,
    pay,
    taken_back,
)
from tests.factories.orders import PLACED_AT, bring_to

pytestmark = pytest.mark.django_db

NOW = PLACED_AT + timedelta(hours=5)
HEN = 123_000


def hen(method="cod", *, price=HEN, units=2, **listing):
    """A confirmed parcel of one line, weighed when packed: `units` kg."""
    [(listing_, _steps)] = goods(price, is_weighed=True, **listing)
    parcel = order_of([(listing_, units * 2)], method=method).parcels.get()
    if method != "cod":
        pay(parcel)
    return bring_to(parcel, "confirmed")


def weigh(parcel, weight, now=NOW):
    return record_weights(parcel=parcel, weights={parcel.lines.get().pk: Decimal(weight)}, by=None, now=now)


def less(parcel, units, *, reason="ran_out", **more):
    line = parcel.lines.order_by("pk")[0]
    return pack_as(parcel=parcel, packed={line.pk: Decimal(units)}, reason=reason, by=None, now=NOW, **more)


def assert_adds_up(order):
    order.refresh_from_db()
    assert order.total_incl_tax == sum(parcel.total for parcel in order.parcels.all())
    for parcel in order.parcels.all():
        assert parcel.goods_total == sum(line.line_price_incl_tax for line in parcel.lines.all())


class TestCharge:
    line = staticmethod(
        lambda seller=0, marketplace=0, price=100_000, units=2: Line(
            quantity=units,
            step=Decimal(1),
            price_per_unit=Decimal(price),
            seller_discount=Decimal(seller),
            marketplace_discount=Decimal(marketplace),
        )
    )

    @pytest.mark.parametrize(
        ("weight", "charge"), [("1.85", 227_550), ("1.999", 245_877), ("1.9995", 245_939), ("0.001", 123)]
    )
    def test_it_is_the_true_weight_at_the_price_rounded_half_up(self, weight, charge):
        assert charge_for(self.line(price=HEN), Decimal(weight)).total == charge

    def test_discounts_shrink_in_proportion_and_do_not_grow(self):
        line = self.line(seller=10_000, marketplace=5_001)
        half, whole, more = (charge_for(line, Decimal(weight)) for weight in ("1", "2", "2.2"))
        assert (half.seller_discount, half.marketplace_discount, half.total) == (5_000, 2_501, 92_499)
        assert (whole.seller_discount, whole.marketplace_discount) == (10_000, 5_001)
        assert (more.full, more.seller_discount, more.marketplace_discount) == (220_000, 10_000, 5_001)

    @given(
        price=st.integers(1, 500_000).map(lambda n: n * 1_000),
        ordered=st.integers(1, 50),
        grams=st.integers(0, 50_000),
        off=st.tuples(st.integers(0, 50), st.integers(0, 50)),
    )
    def test_less_never_costs_more_and_nothing_costs_less_than_nothing(self, price, ordered, grams, off):
        full = price * ordered
        line = self.line(full * off[0] // 100, full * off[1] // 100, price, ordered)
        weight = min(Decimal(grams) / 1000, Decimal(ordered))
        charge = charge_for(line, weight)
        assert 0 <= charge.total <= charge_for(line, Decimal(ordered)).total
        assert 0 <= charge.seller_discount <= line.seller_discount
        assert 0 <= charge.marketplace_discount <= line.marketplace_discount
        heavier = charge_for(line, weight + Decimal("0.5"))
        assert heavier.total >= charge.total


class TestWeighing:
    @pytest.mark.parametrize("method", ["cod", "transfer", "card"])
    def test_lighter_goods_cost_their_true_weight(self, method):
        parcel = weigh(hen(method), "1.85")
        assert (parcel.status, parcel.goods_total, parcel.total) == ("packed", 227_550, 257_550)
        assert parcel.lines.get().packed_units == Decimal("1.85")
        assert_adds_up(parcel.order)
        if method == "cod":
            assert not Refund.objects.exists()
            bring = services.ship_parcel(parcel=parcel, by=None, now=NOW)
            deliver_with_cash(parcel=bring, by=None, now=NOW)
            assert PaymentFact.objects.get().amount == 257_550
            assert SaleEvidence.objects.get().amount == 227_550
        else:
            refund = Refund.objects.get()
            assert (refund.amount, refund.reason, refund.lines.count()) == (18_450, "lighter", 0)

    @pytest.mark.parametrize(("method", "charge"), [("cod", 258_300), ("transfer", 246_000), ("card", 246_000)])
    def test_within_the_tolerance_a_cash_buyer_pays_the_weight_and_a_prepaid_one_what_was_ordered(self, method, charge):
        parcel = weigh(hen(method), "2.1")
        assert (parcel.status, parcel.goods_total) == ("packed", charge)
        assert parcel.lines.get().packed_units == Decimal("2.1")
        assert not Refund.objects.exists()
        assert not WeightConsent.objects.exists()

    @pytest.mark.parametrize("method", ["cod", "transfer"])
    def test_beyond_it_the_buyer_is_asked_and_nothing_changes_meanwhile(self, method):
        parcel = weigh(hen(method), "2.101")
        consent = WeightConsent.objects.get()
        assert (parcel.status, parcel.goods_total) == ("confirmed", 2 * HEN)
        assert (consent.charge, consent.expires_at) == (258_423, NOW + timedelta(hours=12))
        letter = OutboxMessage.objects.get(key=f"consent:{consent.pk}:asked")
        assert consent_url(consent) in letter.text
        with pytest.raises(NotWeighedError):
            services.pack_parcel(parcel=parcel, by=None, now=NOW)
        with pytest.raises(AskedAlreadyError):
            weigh(parcel, "2.0")

    def test_who_has_no_e_mail_address_is_asked_by_text_message(self):
        parcel = hen()
        Order.objects.update(guest_email="")
        weigh(parcel, "2.101")
        consent = WeightConsent.objects.get()
        message = OutboxMessage.objects.get(key=f"consent:{consent.pk}:asked:text")
        assert (message.channel, message.template) == ("text", "weight_asked")
        assert consent_url(consent) in message.text
        assert message.parameters["url"] == consent_url(consent)

    def test_who_agrees_pays_the_weight(self):
        parcel = weigh(hen(), "2.5")
        answer_consent(consent=WeightConsent.objects.get(), is_accepted=True, now=NOW)
        parcel = services.pack_parcel(parcel=parcel, by=None, now=NOW)
        assert (parcel.status, parcel.goods_total) == ("packed", 307_500)
        assert_adds_up(parcel.order)

    def test_who_paid_before_pays_the_rest_at_the_door(self):
        parcel = weigh(hen("card"), "2.5")
        answer_consent(consent=WeightConsent.objects.get(), is_accepted=True, now=NOW)
        parcel = Parcel.objects.get()
        assert (parcel.payment_status, parcel.paid_at) == ("part_paid", None)
        parcel = bring_to(parcel, "placed")
        for step in (services.pack_parcel, services.ship_parcel, deliver_with_cash):
            parcel = step(parcel=parcel, by=None, now=NOW)
        assert (parcel.payment_status, parcel.amount_received) == ("paid", 337_500)
        assert SaleEvidence.objects.get().amount == 307_500
        assert_books_balance()

    @pytest.mark.parametrize("is_late", [True, False])
    def test_without_a_yes_the_ordered_weight_is_packed(self, is_late):
        parcel = weigh(hen("transfer"), "2.5")
        consent = WeightConsent.objects.get()
        assert expire_consents(now=NOW + timedelta(hours=11, minutes=59)) == 0
        if is_late:
            with pytest.raises(ConsentOverError):
                answer_consent(consent=consent, is_accepted=True, now=NOW + timedelta(hours=12))
            assert expire_consents(now=NOW + timedelta(hours=12)) == 1
        else:
            answer_consent(consent=consent, is_accepted=False, now=NOW)
        assert expire_consents(now=NOW + timedelta(hours=13)) == 0
        with pytest.raises(ConsentOverError):
            answer_consent(consent=consent, is_accepted=True, now=NOW)
        parcel = services.pack_parcel(parcel=parcel, by=None, now=NOW)
        assert (parcel.goods_total, parcel.lines.get().packed_units) == (2 * HEN, 2)
        assert not Refund.objects.exists()

    def test_a_question_about_a_parcel_cancelled_meanwhile_changes_nothing(self):
        parcel = weigh(hen(), "2.5")
        services.cancel_parcel(parcel=parcel, by=None, now=NOW, reason="buyer")
        with pytest.raises(ConsentOverError):
            answer_consent(consent=WeightConsent.objects.get(), is_accepted=True, now=NOW)
        assert expire_consents(now=NOW + timedelta(hours=12)) == 1
        assert Parcel.objects.get().goods_total == 2 * HEN

    def test_money_for_lighter_goods_waits_until_the_buyer_has_answered_about_the_heavier(self):
        order = order_of(goods(100_000, 100_000, is_weighed=True), method="transfer")
        parcel = order.parcels.get()
        pay(parcel)
        parcel = bring_to(parcel, "confirmed")
        light, heavy = parcel.lines.order_by("pk")
        weights = {light.pk: Decimal("0.9"), heavy.pk: Decimal("1.2")}
        record_weights(parcel=parcel, weights=weights, by=None, now=NOW)
        assert not Refund.objects.exists()
        answer_consent(consent=WeightConsent.objects.get(), is_accepted=True, now=NOW)
        parcel.refresh_from_db()
        # 10.000 less and 20.000 more.
        assert (parcel.total, parcel.payment_status) == (240_000, "part_paid")
        assert not Refund.objects.exists()

    def test_discounts_of_a_lighter_line_shrink(self):
        [(listing, _)] = goods(100_000, is_weighed=True)
        parcel = order_of([(listing, 4)], method="card").parcels.get()
        discount(parcel.lines.get(), seller=20_000, marketplace=10_000)
        parcel.refresh_from_db()
        pay(parcel)
        parcel = weigh(bring_to(Parcel.objects.get(), "confirmed"), "1.5")
        line = parcel.lines.get()
        assert (line.seller_discount, line.marketplace_discount, line.line_price_incl_tax) == (15_000, 7_500, 127_500)
        assert Refund.objects.get().amount == 170_000 - 127_500

    def test_packing_by_one_tap_needs_the_weight_first(self):
        with pytest.raises(NotWeighedError):
            services.pack_parcel(parcel=hen(), by=None, now=NOW)
        with pytest.raises(NotWeighedError):
            pack_as(parcel=hen(), packed={}, by=None, now=NOW)

    def test_a_slip_of_the_keys_is_refused(self):
        parcel = hen()
        with pytest.raises(WeightImplausibleError):
            weigh(parcel, "18.5")
        assert not WeightConsent.objects.exists()

    def test_what_is_not_paid_yet_is_not_charged_anew(self):
        parcel = order_of(goods(HEN, is_weighed=True), method="transfer").parcels.get()
        parcel = bring_to(parcel, "confirmed")
        for weight in ("0.9", "1.5"):
            with pytest.raises(NotPaidYetError):
                weigh(parcel, weight)
        assert Parcel.objects.get().goods_total == HEN
        assert weigh(parcel, "1.02").status == "packed"

    def test_only_a_confirmed_parcel_is_packed(self):
        parcel = order_of(goods(HEN, is_weighed=True), method="cod").parcels.get()
        with pytest.raises(TransitionNotAllowedError):
            weigh(parcel, "1")

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        method=st.sampled_from(["cod", "transfer", "card"]),
        grams=st.integers(1, 3_000),
        price=st.sampled_from([2_000, 99_998, 333_332]),
        off=st.integers(0, 30),
    )
    def test_whatever_it_weighs_everything_adds_up(self, method, grams, price, off):
        with taken_back():
            [(listing, _)] = goods(price, is_weighed=True)
            parcel = order_of([(listing, 2)], method=method).parcels.get()
            discount(parcel.lines.get(), seller=price * off // 100, marketplace=price * off // 200)
            if method != "cod":
                pay(parcel)
            parcel = bring_to(Parcel.objects.get(), "confirmed")
            before = parcel.total
            parcel = weigh(parcel, Decimal(grams) / 1000)
            assert_adds_up(parcel.order)
            promised = sum(Refund.objects.values_list("amount", flat=True))
            if parcel.status == "confirmed":
                assert grams > 1050
                assert (parcel.total, promised) == (before, 0)
            elif method == "cod":
                assert promised == 0
            else:
                assert promised == before - parcel.total >= 0


class TestPackingLess:
    def stock(self, parcel):
        record = StockRecord.objects.get(pk=parcel.lines.order_by("pk")[0].stockrecord_id)
        return record.num_in_stock, record.num_allocated

    def test_less_is_charged_less_refunded_and_released(self):
        parcel = parcel_of(100_000, 60_000, status="confirmed")
        parcel = less(parcel, "0.5")
        line = parcel.lines.order_by("pk")[0]
        assert (parcel.status, parcel.total) == ("packed", 140_000)
        assert (line.packed_units, line.num_allocated, line.quantity) == (Decimal("0.5"), 1, 2)
        assert self.stock(parcel) == (40, 1)
        refund = Refund.objects.get()
        assert (refund.amount, refund.reason) == (50_000, "short")
        event = parcel.events.get(to_status="packed")
        assert event.reason == "ran_out"
        assert "0,5 kg/1 kg" in event.note
        assert_adds_up(parcel.order)

    def test_what_spoilt_is_written_off(self):
        parcel = less(parcel_of(100_000, status="confirmed"), "0.5", reason="spoilt", is_written_off=True)
        assert self.stock(parcel) == (39, 1)

    def test_to_be_paid_at_the_door_there_is_less_to_collect(self):
        parcel = less(parcel_of(100_000, method="cod", status="confirmed"), "0.5")
        assert not Refund.objects.exists()
        parcel = services.ship_parcel(parcel=parcel, by=None, now=NOW)
        assert self.stock(parcel) == (39, 0)
        assert deliver_with_cash(parcel=parcel, by=None, now=NOW).amount_received == 80_000

    def test_a_line_may_be_left_out_and_is_no_evidence(self):
        parcel = less(parcel_of(100_000, 60_000, method="cod", status="confirmed"), "0")
        parcel = services.ship_parcel(parcel=parcel, by=None, now=NOW)
        deliver_with_cash(parcel=parcel, by=None, now=NOW)
        assert parcel.total == 90_000
        assert SaleEvidence.objects.get().amount == 60_000

    def test_what_comes_back_is_what_was_sent(self):
        parcel = less(parcel_of(100_000, 60_000, method="cod", status="confirmed"), "0")
        parcel = services.ship_parcel(parcel=parcel, by=None, now=NOW)
        parcel = deliver_with_cash(parcel=parcel, by=None, now=NOW)
        services.return_parcel(parcel=parcel, by=None, now=NOW, is_restocked=True)
        assert self.stock(parcel) == (40, 0)
        assert set(StockRecord.objects.values_list("num_in_stock", "num_allocated")) == {(40, 0)}

    @pytest.mark.parametrize(
        ("units", "error"), [("0.3", PackedNotInStepsError), ("1.5", PackedTooMuchError), ("0", NothingPackedError)]
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(self, units, error):
        parcel = parcel_of(100_000, status="confirmed")
        with pytest.raises(error):
            less(parcel, units)
        assert Line.objects.get().packed_units is None
        assert (Parcel.objects.get().status, self.stock(parcel)) == ("confirmed", (40, 2))

    def test_it_needs_a_reason(self):
        with pytest.raises(ShortReasonMissingError):
            less(parcel_of(100_000, status="confirmed"), "0.5", reason="")

    def test_everything_as_ordered_is_the_one_tap(self):
        parcel = less(parcel_of(100_000, status="confirmed"), "1", reason="")
        assert (parcel.status, parcel.total) == ("packed", 130_000)
        assert Order.objects.get().total_incl_tax == 130_000


class TestTheQuestion:
    @pytest.fixture
    def consent(self, monkeypatch):
        weigh(hen("card"), "2.5")
        monkeypatch.setattr("marketplace.buyer.weight_pages.timezone.now", lambda: NOW)
        return WeightConsent.objects.get()

    def url(self, consent):
        return urlsplit(consent_url(consent)).path

    def test_it_is_asked_without_logging_in_and_changes_nothing(self, client, consent):
        answer = client.get(self.url(consent))
        assert answer.status_code == 200
        assert "61.500" in answer.content.decode()
        assert WeightConsent.objects.get().answer == ""

    @pytest.mark.parametrize(("said", "kept"), [("yes", "accepted"), ("no", "declined"), ("maybe", "")])
    def test_it_is_answered_once(self, client, consent, said, kept):
        client.post(self.url(consent), {"answer": said})
        assert WeightConsent.objects.get().answer == kept
        client.post(self.url(consent), {"answer": "no"})
        assert WeightConsent.objects.get().answer == (kept or "declined")
        assert client.get(self.url(consent)).status_code == 200

    def test_a_forged_link_is_not_there(self, client, consent):
        assert client.get(reverse("order:weight", args=[f"{consent.pk}:forged"])).status_code == 404
