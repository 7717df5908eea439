"""What a cooperative asks of an order, and the days that it promises."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.weekdays import is_on, next_on, weekday_mask, weekday_words, weekdays_of
from marketplace.shipping.ordering import (
    next_taking_day,
    ordering_problems,
    pickup_words,
    promised_days,
)
from marketplace.shipping.rates import Method, PickupPoint, Promise, Reach, Rules, Tariff, Zone

# A Friday, ten o'clock in Việt Nam.
FRIDAY = datetime(2026, 11, 20, 3, tzinfo=UTC)
ZONE = Zone(Reach(is_nationwide=True), Tariff(((None, 0),)), 2, 5)
BY_POST = Method(1, "carrier", "Bưu điện", (ZONE,))
MONDAY, SUNDAY = weekday_mask([0]), weekday_mask([6])


def problems(rules: Rules, *, goods_total: int = 100_000, now: datetime = FRIDAY) -> list[str]:
    return ordering_problems(rules, cooperative="HTX Bản Giốc", goods_total=goods_total, now=now)


def at_the_market(**kwargs) -> Method:
    return Method(2, "pickup", "Chợ phiên", pickup=PickupPoint("Chợ Trùng Khánh", **kwargs))


def test_who_asks_nothing_takes_every_order():
    assert problems(Rules(), goods_total=1) == []


def test_less_than_the_least_order_is_refused_and_what_is_missing_is_named():
    (problem,) = problems(Rules(minimum_order=150_000))
    assert "HTX Bản Giốc" in problem
    assert "150.000\xa0₫" in problem
    assert "50.000\xa0₫" in problem
    assert problems(Rules(minimum_order=100_000)) == []


def test_on_other_days_no_order_is_taken_and_the_next_day_is_named():
    (problem,) = problems(Rules(order_weekdays=MONDAY))
    assert "23/11/2026" in problem


@pytest.mark.parametrize(("hour", "is_taken"), [(9, True), (10, False), (23, False)])
def test_after_the_hour_of_closing_no_order_is_taken(hour, is_taken):
    now = datetime(2026, 11, 20, hour - 7, tzinfo=UTC)
    rules = Rules(order_until=time(10))
    assert (problems(rules, now=now) == []) is is_taken
    assert next_taking_day(rules, now) == (date(2026, 11, 20) if is_taken else date(2026, 11, 21))


def test_the_day_is_that_of_viet_nam():
    # Sunday evening in London is Monday morning in Việt Nam.
    assert problems(Rules(order_weekdays=MONDAY), now=datetime(2026, 11, 22, 20, tzinfo=UTC)) == []


def test_a_parcel_is_promised_from_the_day_that_it_can_leave():
    assert promised_days(BY_POST, zone=ZONE, rules=Rules(), now=FRIDAY) == Promise(
        date(2026, 11, 22), date(2026, 11, 25)
    )
    prepared = Rules(lead_days=1, send_weekdays=MONDAY)
    assert promised_days(BY_POST, zone=ZONE, rules=prepared, now=FRIDAY).earliest == date(2026, 11, 25)


def test_what_is_not_harvested_yet_is_promised_after_its_harvest():
    harvest = date(2026, 12, 24)
    promise = promised_days(BY_POST, zone=ZONE, rules=Rules(), now=FRIDAY, harvest_on=harvest)
    assert promise == Promise(date(2026, 12, 26), date(2026, 12, 29))
    past = promised_days(BY_POST, zone=ZONE, rules=Rules(), now=FRIDAY, harvest_on=date(2026, 9, 1))
    assert past.earliest == date(2026, 11, 22)


def test_goods_are_fetched_on_the_first_open_day_after_they_are_ready():
    promise = promised_days(at_the_market(open_weekdays=SUNDAY), zone=None, rules=Rules(), now=FRIDAY)
    assert promise == Promise(date(2026, 11, 22), date(2026, 11, 22))
    later = promised_days(at_the_market(open_weekdays=SUNDAY, ready_days=3), zone=None, rules=Rules(), now=FRIDAY)
    assert later.earliest == date(2026, 11, 29)


@given(
    st.integers(0, 30),
    st.integers(1, 127),
    st.integers(1, 127),
    st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_nothing_is_promised_before_it_can_be_ready(lead, sends, opens, moment):
    now = moment.replace(tzinfo=UTC)
    rules = Rules(lead_days=lead, send_weekdays=sends)
    brought = promised_days(BY_POST, zone=ZONE, rules=rules, now=now)
    assert brought.latest >= brought.earliest
    leaves = brought.earliest.toordinal() - ZONE.days_min
    assert leaves - now.date().toordinal() >= lead
    assert is_on(sends, date.fromordinal(leaves))
    assert is_on(opens, promised_days(at_the_market(open_weekdays=opens), zone=None, rules=rules, now=now).earliest)


def test_a_pick_up_point_is_named_with_its_hours_and_note():
    point = at_the_market(opens_at=time(6), closes_at=time(11, 30), note="Hỏi cô Lan")
    words = pickup_words(point)
    assert words.startswith("Chợ Trùng Khánh. ")
    assert "06:00–11:30" in words
    assert words.endswith("Hỏi cô Lan")
    assert pickup_words(BY_POST) == ""


def test_days_of_the_week_are_bits_and_words():
    assert weekdays_of(weekday_mask([6, 0])) == [0, 6]
    assert weekday_words(weekday_mask(range(5))).count("–") == 1
    assert weekday_words(weekday_mask([1, 6])).count(",") == 1
    for wrong in ([7], [-1]):
        with pytest.raises(ValueError, match=str(wrong[0])):
            weekday_mask(wrong)
    with pytest.raises(ValueError, match="0"):
        next_on(0, date(2026, 11, 20))
