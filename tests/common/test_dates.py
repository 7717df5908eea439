from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.dates import local_day, local_today, quarter_ends, start_of_day


def test_the_day_changes_at_midnight_in_vietnam():
    assert local_day(datetime(2025, 6, 30, 16, 59, 59, tzinfo=UTC)) == date(2025, 6, 30)
    assert local_today(datetime(2025, 6, 30, 17, 0, tzinfo=UTC)) == date(2025, 7, 1)


def test_a_moment_without_a_zone_has_no_day():
    with pytest.raises(ValueError, match="2025"):
        local_day(datetime(2025, 6, 30))  # noqa: DTZ001 - the refusal is what is tested


@given(st.dates(min_value=date(1980, 1, 1), max_value=date(2100, 1, 1)))
def test_a_day_begins_at_its_first_moment(day):
    assert local_day(start_of_day(day)) == day
    assert local_day(start_of_day(day) - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_quarter_ends_include_both_bounds():
    assert quarter_ends(date(2024, 12, 31), date(2025, 9, 30)) == [
        date(2024, 12, 31),
        date(2025, 3, 31),
        date(2025, 6, 30),
        date(2025, 9, 30),
    ]
    assert quarter_ends(date(2025, 1, 1), date(2025, 3, 30)) == []
    assert quarter_ends(date(2025, 4, 1), date(2025, 3, 1)) == []


days = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 1, 1))


@given(days, days)
def test_quarter_ends_are_the_days_before_a_new_quarter(first, last):
    expected = [
        day
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
        if (day + timedelta(days=1)).day == 1 and day.month % 3 == 0
    ]
    assert quarter_ends(first, last) == expected
