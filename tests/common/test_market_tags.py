from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from lucide import IconDoesNotExist


def rendered(source: str, **context) -> str:
    return Template("{% load market %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "value", "shown"),
    [
        ("{{ value|vnd }}", 125_000, "125.000\u00a0₫"),
        ("{{ value|vnd }}", None, ""),
        ("{{ value|quantity:'kg' }}", Decimal("1.5"), "1,5 kg"),
        ("{{ value|quantity:'kg' }}", None, ""),
        ("{{ value|number }}", 12_500, "12.500"),
        ("{{ value|number }}", None, ""),
        ("{{ value|unit_label }}", "kg", "kg"),
        ("{{ value|phone }}", "+84912345678", "0912 345 678"),
        ("{{ value|phone }}", "", ""),
        ("{{ value|day }}", date(2026, 12, 25), "25/12/2026"),
        ("{{ value|day }}", datetime(2025, 6, 30, 17, 0, tzinfo=UTC), "01/07/2025"),
        ("{{ value|day }}", None, ""),
        ("{{ value|moment }}", datetime(2025, 6, 30, 17, 5, tzinfo=UTC), "00:05 01/07/2025"),
        ("{{ value|moment }}", None, ""),
    ],
)
def test_values_are_printed_the_same_everywhere(source, value, shown):
    assert rendered(source, value=value) == shown


def test_an_icon_is_drawn_in_place_and_hidden_from_screen_readers():
    html = rendered("{% icon 'leaf' size=16 %}")
    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html
    assert 'width="16"' in html
    assert 'class="icon icon-leaf"' in html
    assert "style=" not in html


def test_an_icon_that_does_not_exist_is_an_error_and_not_a_gap():
    with pytest.raises(IconDoesNotExist):
        rendered("{% icon 'no-such-icon' %}")
