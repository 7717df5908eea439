from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from marketplace.outbox.models import OutboxMessage
from search import engines, feeding
from search.models import IndexChange, IndexState
from tests.search.listing_documents import change, listing_document, save_index

pytestmark = pytest.mark.django_db

SECRET = "somebody:very-secret"


@pytest.fixture(autouse=True)
def _circuits_of_its_own():
    engines.forget()
    yield
    engines.forget()


@pytest.fixture
def told(client):
    """The page's words as JSON, and its status."""

    def ask() -> tuple[dict, int]:
        answer = client.get(reverse("health:page"), {"format": "json"})
        return answer.json(), answer.status_code

    return ask


@pytest.fixture
def _dead_engine(settings):
    settings.SEARCH_ENGINE = "elastic"
    settings.ELASTICSEARCH_URL = f"http://{SECRET}@127.0.0.1:1"


def add_message(minutes: int) -> None:
    at = timezone.now() - timedelta(minutes=minutes)
    OutboxMessage.objects.create(key="k", recipient="lan@example.org", text="…", created_at=at, next_attempt_at=at)


def test_a_site_that_works_says_so(told):
    save_index([listing_document(1)])
    states, status = told()
    assert status == 200
    assert {name: state["state"] for name, state in states.items()} == dict.fromkeys(
        ("Database", "Cache", "SearchEngine", "SearchBacklog", "Outbox"), "ok"
    )


def test_the_page_is_for_people_too(client):
    page = client.get(reverse("health:page"), headers={"accept": "text/html"})
    assert page.status_code == 200
    assert f"<dt><b>{gettext('Database')}</b></dt><dd>{gettext('in order')}</dd>" in page.content.decode()
    assert "no-cache" in page["Cache-Control"]


def test_a_machine_that_wants_no_html_gets_json(client):
    assert client.get(reverse("health:page"), headers={"accept": "application/json"}).json()["Database"]


@pytest.mark.usefixtures("_dead_engine")
def test_a_search_engine_that_is_down_is_a_warning_without_secrets(told, client, caplog):
    save_index([listing_document(1)])
    for _ in range(2):
        states, status = told()
        assert status == 200
        assert states["SearchEngine"]["state"] == "warning"
    html = client.get(reverse("health:page"), headers={"accept": "text/html"}).content.decode()
    for text in (str(states), html, caplog.text):
        assert "very-secret" not in text
        assert "127.0.0.1" not in text


def test_a_worker_that_does_not_come_is_a_warning(told):
    save_index([listing_document(1)])
    IndexChange.objects.create(kind=IndexChange.Kind.LISTING, object_id=1, at=timezone.now() - timedelta(minutes=6))
    add_message(9)
    states, status = told()
    assert status == 200
    assert states["SearchBacklog"] == {
        "state": "warning",
        "note": "1 changes wait for the index, the first for 6 minutes",
    }
    assert states["Outbox"]["state"] == "warning"


def test_what_came_just_now_is_no_backlog(told):
    save_index([listing_document(1)])
    IndexChange.objects.create(kind=IndexChange.Kind.LISTING, object_id=1, at=timezone.now())
    add_message(1)
    assert {state["state"] for state in told()[0].values()} == {"ok"}


def test_without_a_cache_the_site_is_down(told, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    states, status = told()
    assert status == 500
    assert states["Cache"]["state"] == "error"


# -- Figures ------------------------------------------------------------------------------------------------------------
def figures(client) -> dict[str, float]:
    page = client.get(reverse("health:metrics"), headers={"authorization": "Bearer t0ken"})
    assert page.status_code == 200, page.status_code
    lines = [line.split() for line in page.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("", ""),
        ("", "Bearer "),
        ("t0ken", ""),
        ("t0ken", "Bearer other"),
        ("t0ken", "t0ken"),
        ("t0ken", "Bearer tökén"),
    ],
)
def test_figures_are_for_who_shows_the_token(client, settings, token, shown):
    settings.METRICS_TOKEN = token
    assert client.get(reverse("health:metrics"), headers={"authorization": shown}).status_code == 404


def test_figures_tell_what_waits(client, settings):
    settings.METRICS_TOKEN = "t0ken"
    save_index([listing_document(1), listing_document(2, is_removed=True)])
    IndexChange.objects.all().delete()
    IndexChange.objects.create(kind=IndexChange.Kind.LISTING, object_id=1, at=timezone.now() - timedelta(minutes=2))
    add_message(4)
    told = figures(client)
    assert told["market_search_documents"] == 1
    assert told["market_search_changes_waiting"] == 1
    assert 120 <= told["market_search_oldest_change_seconds"] < 180
    assert told["market_search_elastic_backlog"] == 0
    assert told["market_search_circuit_open"] == 0
    assert told["market_outbox_messages_waiting"] == 1
    assert 240 <= told["market_outbox_oldest_message_seconds"] < 300


@pytest.mark.usefixtures("_dead_engine")
def test_figures_tell_that_the_engine_is_left_alone(client, settings):
    settings.METRICS_TOKEN = "t0ken"
    save_index([listing_document(1), listing_document(2)])
    client.get(reverse("health:page"))
    told = figures(client)
    assert told["market_search_circuit_open"] == 1
    assert told["market_search_elastic_backlog"] == 2


@pytest.mark.elastic
@pytest.mark.usefixtures("elastic")
def test_an_engine_that_is_fed_is_well(told, client, settings):
    settings.SEARCH_ENGINE, settings.METRICS_TOKEN = "elastic", "t0ken"
    save_index([listing_document(1)])
    feeding.feed(now=timezone.now())
    change(1, quality=9)
    assert told()[0]["SearchEngine"]["state"] == "ok"
    assert figures(client)["market_search_elastic_backlog"] == 1
    assert IndexState.objects.get().elastic_backlog == 1
