"""Long runs of the property that matters most; `make soak`."""

import pytest
from hypothesis import given, settings

from tests.indicators import test_second_implementation as short
from tests.indicators.random_histories import asked, histories, rules


@pytest.mark.soak
def test_the_calculation_equals_the_reference_on_twenty_thousand_histories():
    inner = short.test_the_calculation_equals_the_reference.hypothesis.inner_test
    long = given(histories, short.scopes, asked, rules)(inner)
    settings(max_examples=20_000, deadline=None, suppress_health_check=short.SLOW)(long)()
