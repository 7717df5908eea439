from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.quantities import (
    MAXIMUM_STEPS,
    QuantityAmbiguousError,
    QuantityError,
    QuantityNotANumberError,
    QuantityNotMultipleError,
    QuantityNotPositiveError,
    QuantityNotWholeError,
    QuantityTooLargeError,
    QuantityTooPreciseError,
    SaleUnit,
    StepPriceNotWholeError,
    format_number,
    format_quantity,
    parse_quantity,
    price_of_step,
    quantity_from_steps,
    steps_from_quantity,
)

STEPS = [Decimal(step) for step in ("0.001", "0.1", "0.25", "0.5", "1", "5", "12")]


@pytest.mark.parametrize(
    ("typed", "quantity"),
    [
        ("1,5", "1.5"),
        ("1.5", "1.5"),
        ("1,250", "1.25"),
        ("0,1", "0.1"),
        ("1.500,5", "1500.5"),
        ("1.500.000", "1500000"),
        ("1500", "1500"),
        (" 1 500 ", "1500"),
        ("2,0000", "2"),
        ("１,５", "1.5"),
        ("0", "0"),
    ],
)
def test_quantities_are_read_as_people_type_them(typed, quantity):
    assert parse_quantity(typed) == Decimal(quantity)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("1.000", QuantityAmbiguousError),
        ("0.250", QuantityAmbiguousError),
        ("1,2345", QuantityTooPreciseError),
        ("-1", QuantityNotPositiveError),
        ("", QuantityNotANumberError),
        ("1,000.5", QuantityNotANumberError),
        ("1.50.000", QuantityNotANumberError),
        (",5", QuantityNotANumberError),
        ("1e3", QuantityNotANumberError),
        ("NaN", QuantityNotANumberError),
        ("nửa cân", QuantityNotANumberError),
        ("9" * 40, QuantityNotANumberError),
    ],
)
def test_anything_else_is_refused_by_name(typed, error):
    with pytest.raises(error):
        parse_quantity(typed)


def test_an_ambiguous_quantity_says_both_ways_to_write_it():
    with pytest.raises(QuantityAmbiguousError) as refusal:
        parse_quantity("1.000")
    assert refusal.value.params == {"text": "1.000", "thousands": "1000", "decimals": "1,000"}


def test_one_and_a_half_pieces_are_refused_and_one_and_a_half_kilograms_are_not():
    assert parse_quantity("1,5", SaleUnit.KILOGRAM) == Decimal("1.5")
    with pytest.raises(QuantityNotWholeError):
        parse_quantity("1,5", SaleUnit.PIECE)
    assert parse_quantity("2,0", SaleUnit.PIECE) == 2


@given(st.text(max_size=25))
def test_any_text_is_a_quantity_or_a_named_refusal(text):
    try:
        quantity = parse_quantity(text)
    except QuantityError:
        return
    assert quantity >= 0
    assert quantity == round(quantity, 3)


@given(st.integers(min_value=1, max_value=MAXIMUM_STEPS), st.sampled_from(STEPS))
def test_steps_and_quantities_convert_both_ways(steps, step):
    assert steps_from_quantity(quantity_from_steps(steps, step), step) == steps


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(list(SaleUnit)))
def test_what_a_field_shows_reads_back_as_itself(thousandths, unit):
    quantity = Decimal(thousandths) / (1000 if unit.is_divisible else 1)
    assert parse_quantity(format_number(quantity).replace(".", ""), unit) == quantity


@pytest.mark.parametrize(
    ("quantity", "step", "error"),
    [
        ("0", "0.5", QuantityNotPositiveError),
        ("-1", "0.5", QuantityNotPositiveError),
        ("0.7", "0.5", QuantityNotMultipleError),
        ("0.001", "0.1", QuantityNotMultipleError),
        ("500000.5", "0.5", QuantityTooLargeError),
    ],
)
def test_a_quantity_that_no_steps_make_is_refused_by_name(quantity, step, error):
    with pytest.raises(error):
        steps_from_quantity(Decimal(quantity), Decimal(step), SaleUnit.KILOGRAM)


def test_the_largest_order_is_a_million_steps():
    assert steps_from_quantity(Decimal("500000"), Decimal("0.5")) == MAXIMUM_STEPS


def test_a_refusal_names_the_step_with_its_unit():
    with pytest.raises(QuantityNotMultipleError) as refusal:
        steps_from_quantity(Decimal("0.7"), Decimal("0.5"), SaleUnit.KILOGRAM)
    assert refusal.value.params == {"step": "0,5 kg"}


def test_a_step_is_never_nothing():
    with pytest.raises(ValueError, match="0"):
        steps_from_quantity(Decimal(1), Decimal(0))


def test_the_price_of_a_step_is_whole_dong():
    assert price_of_step(60_000, Decimal("0.1")) == 6_000
    assert price_of_step(60_000, Decimal(1)) == 60_000
    with pytest.raises(StepPriceNotWholeError) as refusal:
        price_of_step(12_345, Decimal("0.1"), SaleUnit.KILOGRAM)
    assert refusal.value.params == {"price": "12.345\u00a0₫", "step": "0,1 kg"}


@given(st.integers(min_value=1, max_value=10**6), st.sampled_from(STEPS), st.integers(min_value=1, max_value=10**4))
def test_a_line_costs_its_steps_and_its_units_the_same(price, step, steps):
    try:
        of_step = price_of_step(price, step)
    except StepPriceNotWholeError:
        assert (price * step) % 1
        return
    assert of_step * steps == price * quantity_from_steps(steps, step)


@pytest.mark.parametrize(
    ("quantity", "unit", "shown"),
    [
        (Decimal("1.500"), SaleUnit.KILOGRAM, "1,5 kg"),
        (Decimal("1500"), SaleUnit.KILOGRAM, "1.500 kg"),
        (Decimal("0.05"), "kg", "0,05 kg"),
        (Decimal("1E+3"), "g", "1.000 g"),
        (3, "ml", "3 ml"),
    ],
)
def test_quantities_are_shown_with_a_comma_and_their_unit(quantity, unit, shown):
    assert format_quantity(quantity, unit) == shown


def test_units_of_weight_know_their_grams():
    assert {unit: unit.grams for unit in SaleUnit if unit.grams} == {"kg": 1000, "g": 1, "tonne": 1_000_000}
