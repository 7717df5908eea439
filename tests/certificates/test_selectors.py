from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.certificates import selectors
from cooperatives.certificates.models import Certificate
from cooperatives.certificates.selectors import Facts, ListingKeys
from tests.factories.certificates import CertificateFactory, OcopRecognitionFactory
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
Scheme = Certificate.Scheme


def facts(row: ListingKeys, on: date = TODAY) -> Facts:
    return selectors.facts_for([row], on=on)[row.pk]


def test_a_certificate_covers_its_commodity_and_what_is_below_it():
    tea = CommodityFactory()
    kolia = CommodityFactory(parent=tea)
    honey = CommodityFactory()
    certificate = CertificateFactory(commodity=tea)
    owner = certificate.cooperative_id

    found = selectors.certificates_of(
        [
            ListingKeys(1, owner, tea.pk),
            ListingKeys(2, owner, kolia.pk),
            ListingKeys(3, owner, honey.pk),
            ListingKeys(4, CooperativeFactory().pk, tea.pk),
            ListingKeys(5, owner, None),
        ],
        on=TODAY,
    )

    assert found == {1: [certificate], 2: [certificate], 3: [], 4: [], 5: []}


def test_a_certificate_of_a_lower_commodity_does_not_cover_the_one_above():
    tea = CommodityFactory()
    certificate = CertificateFactory(commodity=CommodityFactory(parent=tea))

    assert selectors.certificates_of([(1, certificate.cooperative_id, tea.pk, None)], on=TODAY) == {1: []}


def test_a_certificate_without_a_commodity_covers_all_goods_of_its_cooperative():
    certificate = CertificateFactory(scheme=Scheme.FOOD_SAFETY)
    row = ListingKeys(1, certificate.cooperative_id, None)

    assert facts(row).schemes == {"attp"}
    assert facts(row, certificate.valid_to).schemes == frozenset()


def test_certificates_of_a_commodity_are_found_for_the_page_of_a_listing():
    tea = CommodityFactory()
    kolia = CommodityFactory(parent=tea)
    certificate = CertificateFactory(commodity=tea)
    CertificateFactory(cooperative=certificate.cooperative, commodity=CommodityFactory())
    owner = certificate.cooperative_id

    assert selectors.certificates_covering(cooperative_id=owner, commodity=kolia, on=TODAY) == [certificate]


def test_stars_are_those_of_the_recognition_in_force():
    held = OcopRecognitionFactory(stars=4)
    over = OcopRecognitionFactory(stars=3, decided_on=date(2020, 1, 1))
    rows = [ListingKeys(1, 1, 1, held.pk), ListingKeys(2, 1, 1, over.pk), ListingKeys(3, 1, 1)]

    assert selectors.stars_of(rows, on=TODAY) == {1: 4}
    assert {pk: each.stars for pk, each in selectors.facts_for(rows, on=TODAY).items()} == {1: 4, 2: 0, 3: 0}


def test_the_next_change_is_the_first_day_on_which_stars_or_schemes_are_others():
    recognition = OcopRecognitionFactory()
    owner = recognition.cooperative
    CertificateFactory(cooperative=owner, valid_to=date(2027, 3, 1))
    CertificateFactory(cooperative=owner, scheme=Scheme.HACCP, valid_from=date(2026, 12, 1))
    row = ListingKeys(1, owner.pk, recognition.commodity_id, recognition.pk)

    assert facts(row) == Facts(4, frozenset({"vietgap"}), date(2026, 12, 1))
    assert facts(row, date(2026, 12, 1)) == Facts(4, frozenset({"vietgap", "haccp"}), date(2027, 3, 1))
    assert facts(row, date(2027, 3, 1)).next_change == date(2028, 1, 1)
    assert facts(row, date(2028, 1, 1)) == Facts(4, frozenset(), date(2028, 2, 20))
    assert facts(row, date(2028, 2, 20)) == Facts()
    assert selectors.next_change_after([row], on=TODAY) == date(2026, 12, 1)


def test_a_renewal_without_a_gap_changes_nothing_until_the_last_one_ends():
    first = CertificateFactory(valid_to=date(2027, 1, 1))
    CertificateFactory(cooperative=first.cooperative, valid_from=date(2027, 1, 1), valid_to=date(2029, 1, 1))

    assert facts(ListingKeys(1, first.cooperative_id, None)).next_change == date(2029, 1, 1)


def test_a_revocation_known_for_a_later_day_is_the_next_change():
    certificate = CertificateFactory(revoked_on=date(2026, 12, 24))

    assert facts(ListingKeys(1, certificate.cooperative_id, None)).next_change == date(2026, 12, 24)


def test_listings_without_anything_have_no_facts_and_no_change():
    assert selectors.facts_for([(1, None, None, None), (2, 5, 5, None)], on=TODAY) == {1: Facts(), 2: Facts()}
    assert selectors.next_change_after([], on=TODAY) is None


def test_many_listings_cost_three_queries(django_assert_num_queries):
    rows = []
    for number in range(6):
        recognition = OcopRecognitionFactory()
        CertificateFactory(cooperative=recognition.cooperative, commodity=recognition.commodity)
        rows.append(ListingKeys(number, recognition.cooperative_id, recognition.commodity_id, recognition.pk))

    # The recognitions, the certificates of the cooperatives, the tree of commodities.
    with django_assert_num_queries(3):
        found = selectors.facts_for(rows, on=TODAY)

    assert all(each.stars == 4 and each.schemes == {"vietgap"} for each in found.values())


def test_thousands_of_cooperatives_are_not_named_one_by_one():
    certificate = CertificateFactory()
    rows = [ListingKeys(pk, pk, None, pk) for pk in range(1, 40_000)]
    rows.append(ListingKeys(0, certificate.cooperative_id, None))

    assert selectors.facts_for(rows, on=TODAY)[0].schemes == {"vietgap"}


days = st.integers(0, 60).map(lambda number: TODAY + timedelta(days=number - 30))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans=st.lists(st.tuples(st.sampled_from(["vietgap", "haccp"]), days, days), max_size=4))
def test_nothing_changes_before_the_next_change_and_something_does_on_it(spans):
    Certificate.objects.all().delete()
    owner = CooperativeFactory(home=False, delivery_charge=False)
    for scheme, start, end in spans:
        if start < end:
            CertificateFactory(cooperative=owner, scheme=scheme, valid_from=start, valid_to=end)
    row = ListingKeys(1, owner.pk, None)
    today = facts(row)

    until = today.next_change or TODAY + timedelta(days=40)
    day = TODAY
    while day < until:
        assert facts(row, day).schemes == today.schemes
        day += timedelta(days=1)
    if today.next_change:
        assert facts(row, until).schemes != today.schemes
