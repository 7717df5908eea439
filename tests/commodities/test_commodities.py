import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.commodities.models import ALL_YEAR, Commodity, mask_of_months
from cooperatives.commodities.selectors import (
    CommodityNotFoundError,
    CommodityTree,
    commodity_by_code,
    descendant_ids,
    descendants_map,
    is_of,
)
from cooperatives.commodities.services import (
    CommodityMovedError,
    CommodityParentMissingError,
    CommodityRow,
    load_commodities,
)
from marketplace.common.quantities import SaleUnit
from tests.factories.commodities import CommodityFactory

pytestmark = pytest.mark.django_db

ROWS = [
    CommodityRow(
        "hat-de", "Hạt dẻ", Commodity.Category.FRUIT, "Chestnut", months=(9, 10), aliases=("mác lịch", "hạt giẻ")
    ),
    CommodityRow("hat-de-rang", "Hạt dẻ rang", Commodity.Category.FRUIT, "Roasted chestnut", parent="hat-de"),
    CommodityRow("mien", "Miến", Commodity.Category.PROCESSED, "Vermicelli"),
    CommodityRow("mien-dong", "Miến dong", Commodity.Category.PROCESSED, "Arrowroot vermicelli", parent="mien"),
    CommodityRow("bo", "Bò", Commodity.Category.LIVESTOCK, "Cattle", default_unit=SaleUnit.ANIMAL),
]


@pytest.fixture
def chestnut() -> Commodity:
    return CommodityFactory(name="Hạt dẻ", code="hat-de")


@pytest.fixture
def roasted(chestnut) -> Commodity:
    return CommodityFactory(name="Hạt dẻ rang", code="hat-de-rang", parent=chestnut)


def test_a_commodity_is_of_itself_and_of_what_stands_above_it(chestnut, roasted):
    vermicelli = CommodityFactory(name="Miến")
    assert is_of(chestnut, chestnut)
    assert is_of(roasted, chestnut)
    assert not is_of(chestnut, roasted)
    assert not is_of(vermicelli, chestnut)


def test_the_tree_answers_every_question_after_one_query(chestnut, roasted, django_assert_num_queries):
    salted = CommodityFactory(parent=roasted)
    vermicelli = CommodityFactory()
    with django_assert_num_queries(1):
        tree = CommodityTree()
        assert tree.is_of(salted.pk, chestnut.pk)
        assert tree.is_of(chestnut.pk, chestnut.pk)
        assert not tree.is_of(chestnut.pk, salted.pk)
        assert not tree.is_of(vermicelli.pk, chestnut.pk)
        assert tree.ancestors_or_self(salted.pk) == {chestnut.pk, roasted.pk, salted.pk}
        assert tree.descendants_map() == {
            chestnut.pk: {chestnut.pk, roasted.pk, salted.pk},
            roasted.pk: {roasted.pk, salted.pk},
            salted.pk: {salted.pk},
            vermicelli.pk: {vermicelli.pk},
        }
    with django_assert_num_queries(1):
        assert descendants_map()[roasted.pk] == {roasted.pk, salted.pk}
    with django_assert_num_queries(1):
        assert descendant_ids(chestnut) == {chestnut.pk, roasted.pk, salted.pk}


def test_a_key_that_the_tree_does_not_hold_is_of_nothing(chestnut):
    tree = CommodityTree()
    assert tree.ancestors_or_self(10**9) == frozenset()
    assert not tree.is_of(10**9, chestnut.pk)
    assert not tree.is_of(chestnut.pk, 10**9)


def test_siblings_are_never_taken_for_descendants():
    roots = CommodityFactory.create_batch(40)
    found = descendants_map()
    assert all(found[root.pk] == {root.pk} for root in roots)


@given(st.sets(st.integers(min_value=1, max_value=12), min_size=1))
def test_a_season_gives_back_its_months(months):
    commodity = Commodity(season_months=mask_of_months(months))
    assert commodity.months == sorted(months)
    assert all(commodity.is_in_season(month) == (month in months) for month in range(1, 13))
    assert commodity.is_seasonal == (len(months) < 12)


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_month_outside_the_year_is_refused(month):
    with pytest.raises(ValueError, match=str(month)):
        mask_of_months([month])


@pytest.mark.parametrize("mask", [0, ALL_YEAR + 1])
def test_a_season_without_a_month_or_beyond_twelve_is_refused(mask):
    with pytest.raises(ValidationError):
        Commodity(season_months=mask).clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        CommodityFactory(season_months=mask)
    assert not Commodity.objects.exists()


def test_a_code_is_used_once(chestnut):
    with pytest.raises(IntegrityError), transaction.atomic():
        CommodityFactory(code=chestnut.code)
    assert Commodity.objects.get() == chestnut


def test_a_commodity_is_found_by_its_code(chestnut):
    assert commodity_by_code("hat-de") == chestnut
    with pytest.raises(CommodityNotFoundError, match="mang"):
        commodity_by_code("mang")


def test_a_table_is_loaded_as_a_tree():
    loaded = load_commodities(rows=ROWS)
    assert is_of(loaded["hat-de-rang"], loaded["hat-de"])
    chestnut = commodity_by_code("hat-de")
    assert chestnut.months == [9, 10]
    assert chestnut.alias_list == ["mác lịch", "hạt giẻ"]
    assert commodity_by_code("bo").default_unit == "animal"
    assert commodity_by_code("mien").is_seasonal is False
    assert Commodity.find_problems() == ([], [], [], [], [])


def test_brothers_and_their_children_are_loaded_in_any_order_below_their_parents():
    kind = Commodity.Category.PROCESSED
    rows = [
        CommodityRow("tra", "Chè", kind),
        CommodityRow("tra-xanh", "Chè xanh", kind, parent="tra"),
        CommodityRow("tra-kolia", "Chè Kolia", kind, parent="tra-xanh"),
        CommodityRow("tra-den", "Chè đen", kind, parent="tra"),
        CommodityRow("tra-shan", "Chè shan", kind, parent="tra-xanh"),
    ]
    loaded = load_commodities(rows=rows)
    assert descendant_ids(commodity_by_code("tra-xanh")) == {
        loaded[code].pk for code in ("tra-xanh", "tra-kolia", "tra-shan")
    }
    assert len(descendant_ids(commodity_by_code("tra"))) == 5
    assert Commodity.find_problems() == ([], [], [], [], [])


def test_loading_again_updates_in_place():
    before = {code: commodity.pk for code, commodity in load_commodities(rows=ROWS).items()}
    renamed = [CommodityRow("bo", "Bò vàng", Commodity.Category.LIVESTOCK)]
    after = {code: commodity.pk for code, commodity in load_commodities(rows=[*ROWS, *renamed]).items()}
    assert after == before
    assert commodity_by_code("bo").name == "Bò vàng"
    assert Commodity.objects.count() == len(ROWS)


def test_a_row_below_an_unknown_commodity_is_refused_and_nothing_is_loaded():
    with pytest.raises(CommodityParentMissingError, match="mien"):
        load_commodities(rows=[ROWS[0], ROWS[3]])
    assert not Commodity.objects.exists()


def test_a_commodity_is_never_moved_by_a_table():
    load_commodities(rows=ROWS)
    moved = CommodityRow("mien-dong", "Miến dong", Commodity.Category.PROCESSED, parent="hat-de")
    with pytest.raises(CommodityMovedError, match="Miến dong"):
        load_commodities(rows=[moved])
    assert is_of(commodity_by_code("mien-dong"), commodity_by_code("mien"))
