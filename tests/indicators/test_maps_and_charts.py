"""The map and the charts as numbers, without a database."""

from datetime import date
from decimal import Decimal
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from cooperatives.indicators.charts import Point, percentage, quarter_chart
from cooperatives.indicators.maps import WIDTH, Place, band, coverage_map

ENDS = [date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)]


def place(name="Đàm Thủy", latitude=22.7, longitude=106.3, deliveries=0, rung=0):
    return Place(name, latitude, longitude, rung, deliveries, is_counted=True, title=name, url="/xa/")


def points(declared, traded):
    return [
        Point(on, None if one is None else Decimal(one), None if other is None else Decimal(other))
        for on, one, other in zip(ENDS, declared, traded, strict=True)
    ]


places = st.lists(
    st.builds(
        place,
        name=st.text(min_size=1, max_size=20),
        latitude=st.floats(22.36, 23.12),
        longitude=st.floats(105.3, 106.83),
        deliveries=st.integers(0, 2000),
        rung=st.none() | st.integers(0, 4),
    ),
    min_size=1,
    max_size=170,
)


@given(places)
def test_every_place_is_on_the_map_once_and_no_name_leaves_it(chosen):
    drawn = coverage_map(province_code="04", places=chosen)
    assert len(drawn.symbols) == len(chosen)
    for symbol in drawn.symbols:
        assert 0 <= symbol.x <= drawn.width
        assert 0 <= symbol.y <= drawn.height
    assert len(drawn.labels) <= len(chosen)


def test_a_symbol_grows_by_bands_of_deliveries_and_tells_no_exact_number():
    radii = [
        coverage_map(province_code="04", places=[place(deliveries=deliveries)]).symbols[0].radius
        for deliveries in (0, 1, 9, 10, 49, 50, 199, 200, 5000)
    ]
    assert radii == sorted(radii)
    assert len(set(radii)) == 5
    assert [band(deliveries) for deliveries in (0, 1, 9, 10, 50, 200)] == [0, 1, 1, 2, 3, 4]


def test_symbols_on_one_spot_are_moved_apart_and_stay_near_it():
    drawn = coverage_map(province_code="04", places=[place(name=f"Xã {number}") for number in range(4)])
    alone = coverage_map(province_code="04", places=[place()]).symbols[0]
    centres = [(symbol.x, symbol.y) for symbol in drawn.symbols]
    assert len(set(centres)) == 4
    for one in drawn.symbols:
        assert hypot(one.x - alone.x, one.y - alone.y) <= 27
        assert all(one is other or hypot(one.x - other.x, one.y - other.y) >= one.radius for other in drawn.symbols)


def test_names_that_would_touch_are_left_out():
    crowd = [place(name=f"Xã {number}", latitude=22.7 + number / 10_000) for number in range(12)]
    assert len(coverage_map(province_code="04", places=crowd).labels) < 12


def test_a_province_without_an_outline_is_drawn_from_its_places():
    drawn = coverage_map(province_code="99", places=[place(), place(latitude=22.9, longitude=106.5)])
    assert drawn.outline == ""
    assert drawn.width == WIDTH


def test_nothing_to_place_is_no_map():
    assert coverage_map(province_code="99", places=[]) is None


def test_each_unit_system_has_its_own_lines():
    chart = quarter_chart(points([10, 20, 30, 50, 60], [5, 6, 7, 8, 9]))
    assert [(line.measure, len(line.marks)) for line in chart.lines] == [
        ("declared", 3),
        ("traded", 3),
        ("declared", 2),
        ("traded", 2),
    ]
    assert [line.end.title for line in chart.lines] == ["", "", "60,0\u00a0%", "9,0\u00a0%"]


def test_a_quarter_without_a_value_leaves_a_gap_and_a_series_without_any_no_chart():
    chart = quarter_chart(points([None, 20, 30, 50, 60], [None, 6, 7, 8, 9]))
    assert len(chart.lines[0].marks) == 2
    assert quarter_chart(points([None] * 5, [None] * 5)) is None


def test_measures_that_are_the_same_are_drawn_once():
    chart = quarter_chart(points([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]))
    assert {line.measure for line in chart.lines} == {"traded"}


def test_labels_of_near_values_do_not_print_over_each_other():
    chart = quarter_chart(points([10, 20, 30, 50, 60], [10, 20, 30, 50, 59]))
    ends = [line.end.y for line in chart.lines if line.end.title]
    assert abs(ends[0] - ends[1]) >= 20


def test_a_percentage_is_printed_with_a_comma_and_no_value_as_nothing():
    assert percentage(Decimal("34.0")) == "34,0\u00a0%"
    assert percentage(None) == ""
