"""Months in season as bits and as words."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from catalog.seasons import SeasonEmptyError, is_in_season, season_mask, season_months, season_words

MONTHS = st.sets(st.integers(1, 12), min_size=1)


@given(MONTHS)
def test_a_mask_keeps_exactly_its_months(months):
    mask = season_mask(months)
    assert season_months(mask) == sorted(months)
    assert {month for month in range(1, 13) if is_in_season(mask, month)} == months


def test_no_month_and_a_thirteenth_are_refused():
    with pytest.raises(SeasonEmptyError):
        season_mask([])
    with pytest.raises(ValueError, match="13"):
        season_mask([13])


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (range(1, 13), "All year"),
        ([8], "Month 8"),
        ([8, 9, 10], "Months 8–10"),
        ([8, 9, 12], "Months 8–9, 12"),
        ([1, 2, 11, 12], "Months 11–2"),
        ([1, 12, 6], "Months 6, 12–1"),
        ([1, 3], "Months 1, 3"),
    ],
)
def test_runs_of_months_are_read_as_people_say_them(months, words):
    with translation.override("en"):
        assert season_words(season_mask(list(months))) == words
