"""OCOP stars and certificates of listings: what a name may claim, what is shown, and until when."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog import services
from catalog.cards import cards
from catalog.models import Product
from catalog.recognition import (
    RecognitionNotFittingError,
    TitleClaimsOcopError,
    TitleClaimsOtherStarsError,
    claims_ocop,
    stars_claimed,
)
from catalog.selectors import card_rows, public_listings
from cms.services import create_profile, ensure_site
from marketplace.common.dates import local_day
from tests.factories.certificates import CertificateFactory, OcopRecognitionFactory
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory

NOW = datetime(2026, 9, 10, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "stars"),
    [
        ("Miến dong OCOP 4 sao", {4}),
        ("Miến dong 4sao", {4}),
        ("Miến dong bốn sao", {4}),
        ("Miến dong đạt chuẩn Ocop", set()),
        ("Miến dong O.C.O.P", set()),
        ("Mật ong ★★★★", set()),
        ("Rượu ngô \uff14 sao", {4}),
        ("Gạo ba sao, năm sao", {3, 5}),
    ],
)
def test_a_name_that_speaks_of_ocop_or_stars_is_seen(title, stars):
    assert claims_ocop(title)
    assert stars_claimed(title) == stars


@pytest.mark.parametrize("title", ["Chè sao suốt", "Mộc ốp", "Bánh chocopie", "Mật ong 5 sáo", "Chè 2 saoo", "Ba ba"])
def test_other_names_claim_nothing(title):
    assert not claims_ocop(title)


@pytest.fixture
def maker(db):
    return CooperativeFactory()


@pytest.fixture
def noodles(db):
    return CommodityFactory()


@pytest.fixture
def recognition(maker, noodles):
    """Four stars until 20/02/2028."""
    return OcopRecognitionFactory(cooperative=maker, commodity=noodles)


def listed(maker, commodity, *, title="Miến dong Phia Đén", now=NOW, **given):
    return services.create_listing(
        cooperative=maker,
        title=title,
        commodity=commodity,
        origin_unit=maker.communes.get().unit,
        sale_unit="kg",
        step=Decimal(1),
        price_per_unit=60_000,
        stock_quantity=Decimal(20),
        by=None,
        now=now,
        **given,
    )


def edited(listing, **changed):
    told = {
        "title": listing.title,
        "commodity": listing.commodity,
        "origin_unit": listing.origin_unit,
        "sale_unit": listing.sale_unit,
        "step": listing.step,
        "price_per_unit": int(listing.price_per_unit),
        "season_months": listing.season_months,
        "description": "",
    }
    return services.edit_listing(listing=listing, by=None, now=NOW, **(told | changed))


def test_a_name_may_claim_what_its_recognition_in_force_says(maker, noodles, recognition):
    listing = listed(maker, noodles, title="Miến dong OCOP 4 sao", recognition=recognition)

    assert listing.recognition == recognition


def test_goods_below_the_recognised_commodity_fit_it(maker, noodles, recognition):
    assert listed(maker, CommodityFactory(parent=noodles), recognition=recognition).recognition == recognition


def test_a_name_that_claims_without_a_recognition_is_refused_and_nothing_is_made(maker, noodles, recognition):
    with pytest.raises(TitleClaimsOcopError):
        listed(maker, noodles, title="Miến dong OCOP 4 sao")

    assert not Product.objects.exists()


def test_a_name_with_other_stars_than_the_recognition_is_refused(maker, noodles, recognition):
    with pytest.raises(TitleClaimsOtherStarsError):
        listed(maker, noodles, title="Miến dong OCOP 5 sao", recognition=recognition)

    assert not Product.objects.exists()


def test_a_recognition_of_others_of_other_goods_or_ended_is_refused(maker, noodles, recognition):
    wrong = [
        OcopRecognitionFactory(commodity=noodles),
        OcopRecognitionFactory(cooperative=maker),
        OcopRecognitionFactory(cooperative=maker, commodity=CommodityFactory(parent=noodles)),
        OcopRecognitionFactory(cooperative=maker, commodity=noodles, decided_on=date(2023, 9, 10)),
        OcopRecognitionFactory(cooperative=maker, commodity=noodles, revoked_on=date(2026, 9, 10)),
    ]
    for each in wrong:
        with pytest.raises(RecognitionNotFittingError):
            listed(maker, noodles, recognition=each)

    assert not Product.objects.exists()


def test_another_commodity_is_refused_while_the_recognition_stays(maker, noodles, recognition):
    listing = listed(maker, noodles, recognition=recognition)

    with pytest.raises(RecognitionNotFittingError):
        edited(listing, commodity=CommodityFactory(), recognition=recognition)

    listing.refresh_from_db()
    assert listing.commodity == noodles


def test_dropping_the_recognition_drops_the_claim_too(maker, noodles, recognition):
    listing = listed(maker, noodles, title="Miến dong 4 sao", recognition=recognition)

    with pytest.raises(TitleClaimsOcopError):
        edited(listing)
    assert edited(listing, title="Miến dong").recognition is None


def test_a_name_whose_recognition_has_ended_is_not_put_on_sale_again(maker, noodles, recognition):
    listing = listed(maker, noodles, title="Miến dong 4 sao", recognition=recognition)
    services.publish_listing(listing=listing, by=None, now=NOW)
    services.pause_listing(listing=listing, by=None, now=NOW)

    with pytest.raises(TitleClaimsOcopError):
        services.publish_listing(listing=listing, by=None, now=datetime(2028, 2, 20, 1, 0, tzinfo=UTC))

    listing.refresh_from_db()
    assert not listing.is_public


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2025, 2, 19), ""),
        (date(2025, 2, 20), "OCOP 4"),
        (date(2028, 2, 19), "OCOP 4"),
        (date(2028, 2, 20), ""),
    ],
)
def test_a_card_has_the_stars_while_the_recognition_holds(recognition, today, words):
    ListingFactory(cooperative=recognition.cooperative, commodity=recognition.commodity, recognition=recognition)

    [card] = cards(card_rows(public_listings()), today=today)

    assert card["ocop"].startswith(words)
    assert bool(card["ocop"]) == bool(words)


def test_a_card_has_no_stars_from_the_day_of_a_revocation(recognition):
    recognition.revoked_on = date(2026, 5, 1)
    recognition.save()
    ListingFactory(cooperative=recognition.cooperative, commodity=recognition.commodity, recognition=recognition)

    rows = card_rows(public_listings())

    assert cards(rows, today=date(2026, 4, 30))[0]["ocop"]
    assert not cards(rows, today=date(2026, 5, 1))[0]["ocop"]


@pytest.fixture
def decided_on():
    """A recognition decided on that day is in force today."""
    return local_day(timezone.now()) - timedelta(days=400)


def test_the_page_of_a_listing_shows_what_is_in_force_and_opens_it(client, maker, noodles, decided_on):
    recognition = OcopRecognitionFactory(cooperative=maker, commodity=noodles, decided_on=decided_on)
    covering = CertificateFactory(cooperative=maker, commodity=noodles)
    other = CertificateFactory(cooperative=maker, commodity=CommodityFactory())
    ended = CertificateFactory(cooperative=maker, valid_to=date(2026, 2, 1))
    listing = ListingFactory(cooperative=maker, commodity=noodles, recognition=recognition)

    page = client.get(listing.get_absolute_url()).content.decode()

    assert f"{recognition.valid_to:%d/%m/%Y}" in page
    assert page.count("<details") >= 2
    assert covering.number in page
    assert recognition.decision_number in page
    assert other.number not in page
    assert ended.number not in page


def test_the_page_of_a_listing_tells_search_engines_of_its_certificates(client, maker, noodles, decided_on):
    recognition = OcopRecognitionFactory(cooperative=maker, commodity=noodles, decided_on=decided_on)
    certificate = CertificateFactory(cooperative=maker)
    listing = ListingFactory(cooperative=maker, commodity=noodles, recognition=recognition)

    page = client.get(listing.get_absolute_url()).content.decode()
    found = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)[0])
    [ocop, vietgap] = found[0]["hasCertification"]

    assert ocop["certificationRating"]["ratingValue"] == 4
    assert ocop["expires"] == recognition.valid_to.isoformat()
    assert vietgap["certificationIdentification"] == certificate.number


def test_a_recognition_that_has_ended_is_not_on_the_page(client, maker, noodles):
    today = local_day(timezone.now())
    recognition = OcopRecognitionFactory(cooperative=maker, commodity=noodles, decided_on=date(2020, 1, 1))
    assert recognition.valid_to < today
    listing = ListingFactory(cooperative=maker, commodity=noodles, recognition=recognition)

    page = client.get(listing.get_absolute_url()).content.decode()

    assert recognition.decision_number not in page
    assert "hasCertification" not in page


def test_the_profile_of_a_cooperative_lists_what_is_in_force(client, maker, noodles, decided_on):
    ensure_site()
    create_profile(cooperative=maker)
    recognition = OcopRecognitionFactory(cooperative=maker, commodity=noodles, decided_on=decided_on)
    certificate = CertificateFactory(cooperative=maker, commodity=noodles)
    ended = CertificateFactory(cooperative=maker, valid_to=date(2026, 2, 1))
    of_others = CertificateFactory()

    page = client.get(maker.get_absolute_url()).content.decode()

    assert recognition.product_name in page
    assert certificate.number in page
    assert ended.number not in page
    assert of_others.number not in page


def test_what_an_issuer_is_called_runs_nothing(client, maker):
    CertificateFactory(cooperative=maker, issuer="<script>alert(1)</script>")
    listing = ListingFactory(cooperative=maker)

    assert "<script>alert(1)" not in client.get(listing.get_absolute_url()).content.decode()
