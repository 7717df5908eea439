"""What delivery costs: by weight, by place, and nothing above a sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.shipping.rates import (
    MAXIMUM_WEIGHT,
    Destination,
    Method,
    PickupPoint,
    Reach,
    Tariff,
    TariffError,
    TierChargeError,
    TierEndlessError,
    TierMissingError,
    TierOrderError,
    Zone,
    charge_of,
)

BY_WEIGHT = Tariff(tiers=((2_000, 25_000), (5_000, 40_000)), further_kg_charge=5_000)
HERE = Destination(commune_id=1, province_id=4)

grams = st.integers(1, 10**9)
amounts = st.integers(0, 2_000_000)


@st.composite
def tariffs(draw) -> Tariff:
    bounds: list[int | None] = [*sorted(draw(st.sets(st.integers(1, MAXIMUM_WEIGHT), min_size=1, max_size=5)))]
    charges = sorted(draw(st.lists(amounts, min_size=len(bounds), max_size=len(bounds))))
    further = draw(st.none() | amounts)
    if further is None and draw(st.booleans()):
        bounds[-1] = None
    tariff = Tariff(tuple(zip(bounds, charges, strict=True)), further, draw(st.none() | amounts))
    tariff.require_sense()
    return tariff


@st.composite
def zones(draw) -> Zone:
    keys = st.frozensets(st.integers(1, 3), max_size=2)
    reach = Reach(draw(keys), draw(keys), draw(st.frozensets(st.sampled_from([4, 5]), max_size=1)), draw(st.booleans()))
    return Zone(reach, draw(tariffs()), 1, 2)


def method(*found: Zone) -> Method:
    return Method(1, "delivery", "Giao tận nơi", found)


def zone(amount: int, **reach) -> Zone:
    return Zone(Reach(**reach), Tariff(((None, amount),)), 1, 2)


@pytest.mark.parametrize(
    ("weight", "charge"),
    [
        (1, 25_000),
        (2_000, 25_000),
        (2_001, 40_000),
        (5_000, 40_000),
        (5_001, 45_000),
        (6_000, 45_000),
        (6_001, 50_000),
        (MAXIMUM_WEIGHT, 40_000 + 9_995 * 5_000),
        (MAXIMUM_WEIGHT + 1, None),
        (10**9, None),
    ],
)
def test_a_kilogram_begun_beyond_the_last_weight_is_charged_whole(weight, charge):
    assert BY_WEIGHT.charge(weight_g=weight, goods_total=0) == charge


def test_without_a_charge_for_further_kilograms_nothing_heavier_is_taken():
    tariff = Tariff(tiers=((2_000, 25_000),))
    assert tariff.charge(weight_g=2_000, goods_total=0) == 25_000
    assert tariff.charge(weight_g=2_001, goods_total=0) is None


def test_delivery_is_free_from_the_sum_on_but_never_for_what_is_too_heavy():
    tariff = Tariff(tiers=((2_000, 25_000),), free_from=500_000)
    assert tariff.charge(weight_g=1, goods_total=499_999) == 25_000
    assert tariff.charge(weight_g=1, goods_total=500_000) == 0
    assert tariff.charge(weight_g=3_000, goods_total=500_000) is None


@given(tariffs(), grams, grams, amounts)
def test_a_heavier_parcel_never_costs_less(tariff, one, other, goods_total):
    light, heavy = sorted((one, other))
    less, more = (tariff.charge(weight_g=weight, goods_total=goods_total) for weight in (light, heavy))
    assert more is None or (less is not None and less <= more)


@given(st.lists(zones(), max_size=4), st.integers(1, 4), grams, grams, amounts)
def test_a_heavier_parcel_never_costs_less_by_any_zones(found, commune, one, other, goods_total):
    light, heavy = sorted((one, other))
    to = Destination(commune, 4)
    less, more = (
        charge_of(method(*found), destination=to, weight_g=weight, goods_total=goods_total) for weight in (light, heavy)
    )
    assert more is None or (less is not None and less.amount <= more.amount)


@given(st.lists(zones(), min_size=1, max_size=4), st.integers(1, 4), grams, amounts)
def test_the_zone_that_names_the_place_most_exactly_decides(found, commune, weight, goods_total):
    to = Destination(commune, 4)
    charge = charge_of(method(*found), destination=to, weight_g=weight, goods_total=goods_total)
    precisions = [precision for some in found if (precision := some.reach.precision(to))]
    if charge is None:
        best = [some for some in found if precisions and some.reach.precision(to) == max(precisions)]
        assert all(some.tariff.charge(weight_g=weight, goods_total=goods_total) is None for some in best)
    else:
        assert charge.zone.reach.precision(to) == max(precisions)


@given(st.lists(zones(), min_size=1, max_size=4), st.integers(1, 4), grams, amounts)
def test_an_estimate_is_never_more_than_what_it_becomes(found, commune, weight, goods_total):
    known = charge_of(method(*found), destination=Destination(commune, 4), weight_g=weight, goods_total=goods_total)
    estimate = charge_of(method(*found), destination=None, weight_g=weight, goods_total=goods_total)
    assert known is None or estimate.amount <= known.amount


@given(tariffs(), grams, amounts)
def test_from_the_sum_on_it_is_free_whatever_it_weighs(tariff, weight, more):
    if tariff.free_from is not None:
        assert tariff.charge(weight_g=weight, goods_total=tariff.free_from + more) in {0, None}


def test_a_commune_goes_before_its_former_district_its_province_and_the_country():
    named = [
        zone(10_000, communes=frozenset({1})),
        zone(20_000, districts=frozenset({1, 2})),
        zone(30_000, provinces=frozenset({4})),
        zone(40_000, is_nationwide=True),
    ]
    charges = [
        charge_of(method(*named), destination=to, weight_g=500, goods_total=0).amount
        for to in (HERE, Destination(2, 4), Destination(3, 4), Destination(9, 9))
    ]
    assert charges == [10_000, 20_000, 30_000, 40_000]


def test_of_two_zones_that_name_a_place_alike_the_cheaper_is_charged():
    alike = method(zone(30_000, districts=frozenset({1})), zone(20_000, districts=frozenset({1})))
    assert charge_of(alike, destination=HERE, weight_g=1, goods_total=0).amount == 20_000


def test_a_place_that_no_zone_names_is_not_reached():
    assert charge_of(method(zone(1, communes=frozenset({7}))), destination=HERE, weight_g=1, goods_total=0) is None
    assert charge_of(method(), destination=HERE, weight_g=1, goods_total=0) is None


def test_to_fetch_goods_costs_nothing_from_anywhere():
    fetched = Method(1, "pickup", "Nhận tại hợp tác xã", pickup=PickupPoint("Xóm Pác Bó"))
    assert charge_of(fetched, destination=HERE, weight_g=10**9, goods_total=0).amount == 0


@pytest.mark.parametrize(
    ("tariff", "error"),
    [
        (Tariff(()), TierMissingError),
        (Tariff(((0, 1),)), TierOrderError),
        (Tariff(((-1, 1),)), TierOrderError),
        (Tariff(((10**9, 1),)), TierOrderError),
        (Tariff(((2_000, 1), (1_000, 2))), TierOrderError),
        (Tariff(((2_000, 1), (2_000, 2))), TierOrderError),
        (Tariff(((1_000, -1),)), TierChargeError),
        (Tariff(((1_000, 2), (2_000, 1))), TierChargeError),
        (Tariff(((1_000, 2),), further_kg_charge=-1), TierChargeError),
        (Tariff(((1_000, 10**12),)), TierChargeError),
        (Tariff(((1_000, 2),), free_from=-1), TierChargeError),
        (Tariff(((None, 1), (1_000, 2))), TierEndlessError),
        (Tariff(((None, 1),), further_kg_charge=1), TierEndlessError),
    ],
)
def test_a_charge_by_weight_that_makes_no_sense_is_refused(tariff, error):
    with pytest.raises(error) as refused:
        tariff.require_sense()
    assert isinstance(refused.value, TariffError)
