"""A question becomes a plan: keys and numbers that every engine reads the same way."""

from datetime import date

import pytest

from marketplace.shipping.models import DeliveryMethod, DeliveryZone
from search.query import PER_PAGE, Facet, ListingQuery, Near, NearUnit, Sort
from search.resolve import places_of, resolve, with_words
from search.terms import query_words
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.places import CommuneFactory, DistrictFactory, ProvinceFactory, SuccessionFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


def plan(query: ListingQuery):
    return resolve(query, today=TODAY)


def test_an_empty_question_asks_for_everything_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        found = plan(ListingQuery())
    assert (found.terms, found.tiers, dict(found.chosen)) == ((), (), {})
    assert found.communes is found.cooperatives is found.distances is found.month is None
    assert (found.start, found.count) == (0, PER_PAGE)


def test_words_become_terms_and_tiers():
    found = plan(ListingQuery(text="Miến Dong"))
    assert found.terms == ("mien", "dong")
    assert found.tiers[0] == (":e=miến+dong",)
    assert with_words(found, query_words("chè"), prefix="th").terms == ("che",)
    assert with_words(found, query_words("chè"), prefix="th").prefix == "th"


def test_the_season_is_that_of_the_day():
    assert plan(ListingQuery(in_season=True)).month == 11


def test_prices_stock_order_and_page_are_taken_over():
    found = plan(ListingQuery(in_stock=True, price_from=1, price_to=9, published_after=77, sort=Sort.DEAREST, page=3))
    assert (found.in_stock, found.price_from, found.price_to, found.published_after) == (True, 1, 9, 77)
    assert (found.sort, found.start) == (Sort.DEAREST, 2 * PER_PAGE)


def test_a_wider_commodity_is_chosen_with_all_below_it():
    fruit, other = CommodityFactory(), CommodityFactory()
    nut = CommodityFactory(parent=fruit)
    chestnut = CommodityFactory(parent=nut)
    chosen = plan(ListingQuery(chosen={Facet.COMMODITY: frozenset({fruit.pk, 987_654_321})})).chosen
    assert chosen[Facet.COMMODITY] == {fruit.pk, nut.pk, chestnut.pk, 987_654_321}
    assert other.pk not in chosen[Facet.COMMODITY]


def test_other_facets_are_taken_as_they_are_and_empty_ones_left_out():
    chosen = plan(ListingQuery(chosen={Facet.COMMUNE: frozenset({5}), Facet.STARS: frozenset()})).chosen
    assert dict(chosen) == {Facet.COMMUNE: frozenset({5})}


class TestFormerUnits:
    def test_a_former_commune_is_every_commune_that_a_part_of_it_went_to(self):
        first = SuccessionFactory()
        second = SuccessionFactory(predecessor=first.predecessor, is_default=False)
        found = plan(ListingQuery(former_unit=first.predecessor_id))
        assert found.communes == {first.successor_id, second.successor_id}

    def test_a_former_district_is_the_communes_of_its_area(self):
        district = DistrictFactory()
        inside = SuccessionFactory(predecessor=CommuneFactory(parent=district))
        SuccessionFactory()
        assert plan(ListingQuery(former_unit=district.pk)).communes == {inside.successor_id}

    def test_a_present_commune_is_itself_and_a_province_is_its_communes(self):
        province = ProvinceFactory()
        unit = CommuneFactory(is_new=True, parent=province)
        assert plan(ListingQuery(former_unit=unit.pk)).communes == {unit.pk}
        assert plan(ListingQuery(former_unit=province.pk)).communes == {unit.pk}

    def test_an_unknown_one_is_left_out(self):
        assert plan(ListingQuery(former_unit=987_654_321)).communes is None


class TestDeliveries:
    def zone(self, *, kind="delivery", is_active=True, **zone):
        method = DeliveryMethod.objects.create(
            cooperative=CooperativeFactory(delivery_charge=False),
            kind=kind,
            name="Giao",
            is_active=is_active,
            **({"address": "Chợ", "commune": CommuneFactory()} if kind == "pickup" else {}),
        )
        if zone:
            DeliveryZone.objects.create(method=method, tiers=[[None, 0]], **zone)
        return method.cooperative_id

    def test_cooperatives_with_a_zone_that_reaches_the_commune(self):
        unit = CommuneFactory(is_new=True, parent=ProvinceFactory())
        reaching = {
            self.zone(is_nationwide=True),
            self.zone(kind="carrier", reach={"communes": [unit.pk]}),
            self.zone(reach={"districts": [unit.pk]}),
            self.zone(reach={"provinces": [unit.province_id]}),
        }
        self.zone(reach={"communes": [unit.pk + 1_000]})
        self.zone(is_active=False, is_nationwide=True)
        self.zone(kind="pickup")
        assert plan(ListingQuery(delivers_to=unit.pk)).cooperatives == reaching

    def test_where_nobody_delivers_nobody_is_found(self):
        unit = CommuneFactory(is_new=True, parent=ProvinceFactory())
        assert plan(ListingQuery(delivers_to=unit.pk)).cooperatives == frozenset()

    def test_a_former_commune_is_no_address(self):
        assert plan(ListingQuery(delivers_to=CommuneFactory().pk)).cooperatives is None


class TestNear:
    def test_a_position_and_a_commune_of_that_position_give_the_same(self):
        unit = CommuneFactory(is_new=True, parent=ProvinceFactory(), latitude=22.67, longitude=106.26)
        CommuneFactory(is_new=True, parent=unit.parent, latitude=22.8, longitude=106.26)
        by_unit = plan(ListingQuery(near=NearUnit(unit.pk, 30), sort=Sort.NEAREST))
        assert by_unit.distances == plan(ListingQuery(near=Near(22.67, 106.26, 30))).distances
        assert sorted(by_unit.distances.values()) == [0, 14]
        assert by_unit.sort is Sort.NEAREST

    def test_an_unknown_commune_is_left_out(self):
        assert plan(ListingQuery(near=NearUnit(987_654_321, 30))).distances is None


def test_a_question_with_everything_costs_a_bounded_number_of_queries(django_assert_max_num_queries):
    succession = SuccessionFactory()
    commodity = CommodityFactory()
    query = ListingQuery(
        text="chè",
        chosen={Facet.COMMODITY: frozenset({commodity.pk})},
        former_unit=succession.predecessor_id,
        delivers_to=succession.successor_id,
        near=NearUnit(succession.successor_id, 50),
    )
    with django_assert_max_num_queries(7):
        plan(query)
    places = places_of(query)
    assert set(places) == {succession.predecessor_id, succession.successor_id}
    assert places[succession.successor_id].label.count(",") == 1
