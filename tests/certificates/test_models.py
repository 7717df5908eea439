from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.certificates.numbers import clean_planting_code, is_usual_decision_number, is_usual_planting_code
from cooperatives.certificates.ocop import expiry_of, stars_of_score
from tests.factories.certificates import CertificateFactory, OcopRecognitionFactory

Scheme = Certificate.Scheme
Issuer = OcopRecognition.Issuer


@pytest.mark.parametrize(
    ("decided_on", "ends_on"),
    [
        (date(2023, 2, 20), date(2026, 2, 20)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2025, 12, 31), date(2028, 12, 31)),
    ],
)
def test_a_recognition_holds_for_36_months_from_its_decision(decided_on, ends_on):
    assert expiry_of(decided_on) == ends_on


@given(decided_on=st.dates(date(2015, 1, 1), date(2090, 12, 31)))
def test_a_recognition_always_ends_three_calendar_years_later_in_the_same_month(decided_on):
    end = expiry_of(decided_on)

    assert (end.year, end.month) == (decided_on.year + 3, decided_on.month)
    assert timedelta(days=1094) <= end - decided_on <= timedelta(days=1096)


@pytest.mark.parametrize(
    ("score", "stars"),
    [("49.99", 0), ("50", 3), ("69.99", 3), ("70", 4), ("89.99", 4), ("90", 5), ("100", 5)],
)
def test_the_score_gives_the_stars(score, stars):
    assert stars_of_score(Decimal(score)) == stars


def test_the_badge_ends_on_the_day_of_expiry(db):
    recognition = OcopRecognitionFactory(decided_on=date(2023, 2, 20))
    recognition.refresh_from_db()

    assert recognition.valid_to == date(2026, 2, 20)
    assert recognition.is_in_force(date(2026, 2, 19))
    assert not recognition.is_in_force(date(2026, 2, 20))
    assert not recognition.is_in_force(date(2023, 2, 19))
    assert OcopRecognition.objects.in_force(date(2026, 2, 19)).exists()
    assert not OcopRecognition.objects.in_force(date(2026, 2, 20)).exists()


def test_a_revocation_ends_a_recognition_and_a_certificate_on_its_day(db):
    day = date(2026, 5, 4)
    recognition = OcopRecognitionFactory(revoked_on=day)
    certificate = CertificateFactory(revoked_on=day)

    for row in (recognition, certificate):
        rows = type(row).objects
        assert row.is_in_force(day - timedelta(days=1))
        assert rows.in_force(day - timedelta(days=1)).count() == 1
        assert not row.is_in_force(day)
        assert rows.in_force(day).count() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"stars": 2}, {"stars": 3, "score": 70}, {"stars": 5, "score": 89}, {"revoked_on": date(2025, 2, 19)}],
)
def test_the_database_refuses_stars_scores_and_revocations_that_cannot_be(db, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        OcopRecognitionFactory(**wrong)

    assert OcopRecognition.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"stars": 4, "score": Decimal(65)}, "score"),
        ({"stars": 5}, "issuer"),
        ({"stars": 4, "issuer": Issuer.MINISTRY}, "issuer"),
        ({"stars": 4, "issuer": Issuer.DISTRICT}, "issuer"),
        ({"stars": 3, "issuer": Issuer.DISTRICT, "decided_on": date(2025, 7, 1)}, "issuer"),
    ],
)
def test_only_who_may_recognise_the_stars_is_entered_as_the_issuer(db, wrong, field):
    recognition = OcopRecognitionFactory.build(**wrong)

    with pytest.raises(ValidationError) as caught:
        recognition.clean()

    assert field in caught.value.message_dict


def test_a_district_recognised_three_stars_until_the_end_of_june_2025():
    OcopRecognitionFactory.build(stars=3, issuer=Issuer.DISTRICT, decided_on=date(2025, 6, 30)).clean()


def test_a_globalgap_number_has_thirteen_digits(db):
    certificate = CertificateFactory.build(scheme=Scheme.GLOBALGAP, number="4049 9281 2345 6")
    certificate.clean()
    assert certificate.number == "4049928123456"

    with pytest.raises(ValidationError):
        CertificateFactory.build(scheme=Scheme.GLOBALGAP, number="404992812345").clean()


@pytest.mark.parametrize(
    ("given_number", "kept"),
    [("vn dtor 0017", "VN-DTOR-0017"), ("VN-DTPH-0001", "VN-DTPH-0001"), ("cb/tk 17", "CB/TK 17")],
)
def test_a_planting_code_is_written_in_one_way_and_an_unusual_one_is_kept(given_number, kept):
    assert clean_planting_code(given_number) == kept
    assert is_usual_planting_code(kept) == kept.startswith("VN-")


def test_a_planting_code_is_not_lent_to_another_cooperative(db):
    CertificateFactory(scheme=Scheme.PLANTING_AREA, number="VN-CBOR-0017")

    with pytest.raises(ValidationError) as caught:
        CertificateFactory.build(
            scheme=Scheme.PLANTING_AREA, number="vn cbor 0017", cooperative=CertificateFactory().cooperative
        ).clean()

    assert "number" in caught.value.message_dict


@pytest.mark.parametrize(("number", "is_usual"), [("124/QĐ-UBND", True), ("12/QĐ-TTg", True), ("Số 124", False)])
def test_decision_numbers_have_a_usual_form(number, is_usual):
    assert is_usual_decision_number(number) == is_usual


def test_a_certificate_is_entered_once(db):
    first = CertificateFactory()
    same = {"cooperative": first.cooperative, "number": first.number}

    with pytest.raises(IntegrityError), transaction.atomic():
        CertificateFactory(**same)

    CertificateFactory(**same, valid_from=date(2028, 1, 1), valid_to=date(2030, 1, 1))
    assert Certificate.objects.count() == 2
