"""The notice about new goods: what is new, told once, to whom, and how it ends."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.models import Product
from marketplace.outbox.models import OutboxMessage
from search import saved_notices
from search.models import SavedSearch
from search.query import ListingQuery
from search.rebuilding import rebuild
from search.saved import save_search, set_told
from search.saved_notices import tell_savers
from tests.factories.listings import ListingFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

# Saved in the evening; looked for at eight in the morning.
SAVED = datetime(2026, 11, 20, 12, tzinfo=UTC)
MORNING = datetime(2026, 11, 21, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def lan():
    return UserFactory(full_name="Nguyễn Thị Lan", email="lan@example.org")


def saved_by(user, text="hạt dẻ", **fields):
    return save_search(user=user, query=ListingQuery(text=text, **fields), now=SAVED)[0]


def on_sale(title, at=SAVED + timedelta(hours=2), **fields):
    listing = ListingFactory(title=title, published_at=at, **fields)
    listing.publications.update(public_from=at)
    return listing


def told(now=MORNING):
    rebuild(now=now)
    return tell_savers(now=now)


def mail() -> OutboxMessage:
    return OutboxMessage.objects.get()


def test_new_goods_that_fit_are_told_with_price_and_links(lan, settings):
    settings.SITE_URL = "https://cho.example"
    saved = saved_by(lan)
    on_sale("Hạt dẻ <b>rừng</b>", price_per_unit=125_000)
    on_sale("Miến dong")
    assert told() == 1
    message = mail()
    assert message.recipient == "lan@example.org"
    assert "Hạt dẻ <b>rừng</b>, 125.000\xa0₫/" in message.text
    assert "Miến" not in message.text
    assert "<b>rừng" not in message.html
    assert "hạt dẻ" in message.html
    assert re.search(r"https://cho\.example/tim/\?q=h[^\"]*xep=moi", message.html)
    assert f"https://cho.example/tai-khoan/tim-kiem-da-luu/dung/{saved.pk}:" in message.text


def test_what_was_on_sale_before_is_not_new(lan):
    on_sale("Hạt dẻ cũ", at=SAVED - DAY)
    saved_by(lan)
    assert told() == 0
    assert not OutboxMessage.objects.exists()


def test_each_listing_is_told_once(lan):
    saved_by(lan)
    on_sale("Hạt dẻ rừng")
    assert told() == 1
    assert told(MORNING + timedelta(hours=1)) == 0
    assert told(MORNING + DAY) == 0
    on_sale("Hạt dẻ rang", at=MORNING + DAY + timedelta(hours=3))
    assert told(MORNING + 2 * DAY) == 1
    last = OutboxMessage.objects.latest("pk")
    assert "rang" in last.text
    assert "rừng" not in last.text


def test_what_is_minutes_old_is_told_the_next_day_and_then_once(lan):
    saved_by(lan)
    on_sale("Hạt dẻ rừng", at=MORNING - timedelta(minutes=3))
    assert told() == 0
    assert told(MORNING + DAY) == 1
    assert told(MORNING + 2 * DAY) == 0


def test_one_message_a_buyer_and_day_tells_of_all_searches(lan):
    saved_by(lan)
    saved_by(lan, "miến dong")
    saved_by(lan, "mật ong")
    on_sale("Hạt dẻ rừng")
    on_sale("Miến dong đặc biệt")
    assert told() == 1
    assert "Hạt dẻ rừng" in mail().text
    assert "Miến dong đặc biệt" in mail().text
    assert "mật ong" not in mail().text


def test_at_most_five_titles_stand_in_a_message(lan):
    saved_by(lan)
    for number in range(8):
        on_sale(f"Hạt dẻ số {number}")
    told()
    assert mail().text.count("Hạt dẻ số") == 5
    assert "3" in mail().text.split("Hạt dẻ số")[-1]


def test_the_filters_of_the_search_hold(lan):
    saved_by(lan, price_to=100_000)
    on_sale("Hạt dẻ đắt", price_per_unit=200_000)
    on_sale("Hạt dẻ rẻ", price_per_unit=90_000)
    told()
    assert "rẻ" in mail().text
    assert "đắt" not in mail().text


def test_nothing_is_locked_while_the_searches_are_looked_for(lan):
    saved_by(lan)
    on_sale("Hạt dẻ rừng")
    rebuild(now=MORNING)
    with CaptureQueriesContext(connection) as caught:
        assert tell_savers(now=MORNING) == 1
    statements = [query["sql"] for query in caught.captured_queries]
    begun = next(at for at, sql in enumerate(statements) if sql.startswith("SAVEPOINT"))
    asked = [at for at, sql in enumerate(statements) if "search_terms" in sql]
    assert asked
    assert max(asked) < begun


def test_a_search_that_is_stopped_meanwhile_is_told_no_more(lan, monkeypatch):
    saved, other = saved_by(lan), saved_by(lan, "miến dong")
    on_sale("Hạt dẻ rừng")
    look = saved_notices.new_goods

    def slow(looked_for, *, now):
        set_told(saved, is_told=False, now=now)
        return look(looked_for, now=now)

    with monkeypatch.context() as patched:
        patched.setattr(saved_notices, "new_goods", slow)
        assert told() == 0
    assert not OutboxMessage.objects.exists()
    other.refresh_from_db()
    assert other.checked_on < MORNING.date()


def test_nobody_is_told_at_night(lan):
    saved_by(lan)
    on_sale("Hạt dẻ rừng")
    assert told(MORNING - timedelta(hours=2)) == 0
    assert told() == 1


@pytest.mark.parametrize("reason", ["stopped", "no e-mail", "left"])
def test_who_does_not_want_it_or_cannot_get_it_is_not_told(lan, reason):
    saved = saved_by(lan)
    on_sale("Hạt dẻ rừng")
    if reason == "stopped":
        set_told(saved, is_told=False, now=SAVED)
    elif reason == "no e-mail":
        lan.email = None
        lan.save()
    else:
        lan.is_active = False
        lan.save()
    assert told() == 0
    assert not OutboxMessage.objects.exists()


def test_the_message_speaks_the_language_of_the_search(lan):
    with translation.override("en"):
        saved_by(lan, in_season=True)
        expected = SavedSearch.objects.get().label
    on_sale("Hạt dẻ rừng")
    told()
    assert expected == "“hạt dẻ” · In season now"
    assert "Hello Nguyễn Thị Lan," in mail().text


def test_one_buyers_failure_stops_nobody_elses_message(lan, monkeypatch, caplog):
    real = saved_notices.new_goods
    saved_by(UserFactory(email="anh@example.org"), "gạo")
    saved_by(lan)
    on_sale("Hạt dẻ rừng")

    def failing(saved, *, now):
        if saved.user_id != lan.pk:
            raise OSError
        return real(saved, now=now)

    monkeypatch.setattr(saved_notices, "new_goods", failing)
    assert told() == 1
    assert "could not be looked for" in caplog.text
    # It is tried again.
    assert SavedSearch.objects.exclude(user=lan).get().checked_on == SAVED.date()


def test_a_listing_that_is_withdrawn_meanwhile_is_not_told(lan):
    saved_by(lan)
    listing = on_sale("Hạt dẻ rừng")
    rebuild(now=MORNING)
    Product.objects.filter(pk=listing.pk).update(is_public=False, state=Product.State.DRAFT)
    assert tell_savers(now=MORNING) == 0


def test_what_only_resembles_the_words_is_not_told(lan):
    saved_by(lan, "hạt dổi")
    on_sale("Hạt dẻ rừng")
    assert told() == 0


def test_a_question_that_was_corrected_is_saved_as_it_was_understood(lan):
    on_sale("Miến dong Phia Đén", at=SAVED - DAY)
    rebuild(now=SAVED)
    saved = saved_by(lan, "mien dog")
    assert saved.label in {"“mien dong”", "“miến dong”"}
    on_sale("Miến dong mới")
    told()
    assert "Miến dong mới" in mail().text
    assert saved_by(lan, "mien dog", is_exact=True).label == "“mien dog”"
