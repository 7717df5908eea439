"""Elasticsearch dies, hangs and lies: whoever searches gets the database's answer, and nothing is lost."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from search import engines, feeding
from search.backends.base import EngineUnavailableError
from search.backends.database import DatabaseBackend
from search.backends.elastic import ElasticBackend
from search.engines import REST_SECONDS, Circuit, GuardedBackend
from search.indexing import refresh_index
from search.models import IndexState
from search.planning import required_terms, tiers
from search.query import Health, ListingResults, Plan
from search.terms import query_words
from search.verifying import verify
from tests.factories.listings import ListingFactory
from tests.search.faulty_server import Fault, FaultyServer
from tests.search.listing_documents import listing_document, random_documents, save_index
from tests.services import absent

FAULTS = [fault for fault in Fault if fault is not Fault.NONE]


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def plan_for(text: str) -> Plan:
    words = query_words(text)
    return Plan(terms=required_terms(words), tiers=tiers(words))


# -- The circuit --------------------------------------------------------------------------------------------------------
def test_a_closed_circuit_admits_everybody():
    circuit = Circuit("engine", Time())
    assert circuit.admits()
    assert circuit.admits()
    assert not circuit.is_open


def test_after_a_failure_nobody_is_admitted_for_a_while_and_then_one():
    clock = Time()
    circuit = Circuit("engine", clock)
    circuit.failed("it is down")
    assert not circuit.admits()
    clock.now += REST_SECONDS - 0.1
    assert not circuit.admits()
    clock.now += 0.1
    assert circuit.admits()
    assert not circuit.admits()
    circuit.succeeded(clock.now)
    assert circuit.admits()


def test_one_that_never_comes_back_keeps_the_others_out_no_longer_than_a_failure():
    clock = Time()
    circuit = Circuit("engine", clock)
    circuit.failed("it is down")
    clock.now += REST_SECONDS
    assert circuit.admits()
    clock.now += REST_SECONDS
    assert circuit.admits()


def test_an_answer_to_an_older_question_says_nothing_of_a_failure_since():
    clock = Time()
    circuit = Circuit("engine", clock)
    began = clock.now
    clock.now += 1
    circuit.failed("it is down")
    circuit.succeeded(began)
    assert circuit.is_open


def test_an_opening_is_told_once(caplog):
    clock = Time()
    circuit = Circuit("engine", clock)
    for _ in range(5):
        circuit.failed("it is down")
        clock.now += REST_SECONDS
    assert caplog.text.count("it is down") == 1


def test_of_many_threads_one_tries():
    clock = Time()
    circuit = Circuit("engine", clock)
    circuit.failed("it is down")
    clock.now += REST_SECONDS
    admitted: list[bool] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait(30)
        admitted.append(circuit.admits())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(admitted) == 1


# -- What is behind it --------------------------------------------------------------------------------------------------
class Standing:
    """An engine that has one answer, or none."""

    name = "standing"

    def __init__(self, total: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.total = total
        self.is_there = True
        self.asked = 0
        self._meanwhile = meanwhile

    def search(self, plan: Plan) -> ListingResults:
        self.asked += 1
        self._meanwhile()
        if not self.is_there:
            raise EngineUnavailableError("it is away")
        return ListingResults(ids=(), total=self.total, facets={})

    def health(self) -> Health:
        return Health(self.name, is_usable=self.is_there, documents=self.total, backlog=0, note="")


@pytest.fixture
def fed(db) -> IndexState:
    state = save_index([listing_document(1)])
    IndexState.objects.update(elastic_generation=state.generation, elastic_seq=state.seq)
    return IndexState.objects.get()


def test_an_engine_that_is_away_is_left_alone_until_it_is_back(fed):
    clock, engine = Time(), Standing(1)
    guarded = GuardedBackend(engine, Standing(2), clock=clock)
    assert guarded.search(Plan()).total == 1
    engine.is_there = False
    assert [guarded.search(Plan()).total for _ in range(5)] == [2] * 5
    assert engine.asked == 2
    assert not guarded.health().is_usable
    engine.is_there = True
    assert guarded.search(Plan()).total == 2
    clock.now += REST_SECONDS
    assert guarded.search(Plan()).total == 1
    assert not guarded.circuit.is_open


def test_a_slow_answer_is_taken_and_the_next_comes_from_the_database(fed, settings):
    clock = Time()

    def dawdle() -> None:
        clock.now += settings.SEARCH_TIMEOUT + 0.1

    guarded = GuardedBackend(Standing(1, dawdle), Standing(2), clock=clock)
    assert guarded.search(Plan()).total == 1
    assert guarded.search(Plan()).total == 2


@pytest.mark.parametrize("lack", [{"elastic_generation": None}, {"version": 0}, {"generation": "0" * 32}])
def test_an_index_that_is_not_whole_is_not_asked(fed, lack):
    clock, engine = Time(), Standing(1)
    IndexState.objects.update(**lack)
    guarded = GuardedBackend(engine, Standing(2), clock=clock)
    assert guarded.search(Plan()).total == 2
    assert engine.asked == 0
    IndexState.objects.update(elastic_generation=fed.generation, version=fed.version, generation=fed.generation)
    clock.now += REST_SECONDS
    assert guarded.search(Plan()).total == 1


def test_a_rebuild_of_the_tables_is_noticed_within_a_second(fed):
    clock, engine = Time(), Standing(1)
    guarded = GuardedBackend(engine, Standing(2), clock=clock)
    assert guarded.search(Plan()).total == 1
    IndexState.objects.update(generation="0" * 32)
    clock.now += 1
    assert guarded.search(Plan()).total == 2


# -- With a real server behind a wire -----------------------------------------------------------------------------------
@pytest.fixture
def wire(elastic, settings):
    server = FaultyServer(settings.ELASTICSEARCH_URL)
    settings.SEARCH_ENGINE = "elastic"
    settings.ELASTICSEARCH_URL = server.url
    engines.forget()
    yield server
    server.stop()
    engines.forget()


@pytest.mark.elastic
@pytest.mark.django_db
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_whatever_goes_wrong_the_database_answers_the_same(wire, fault, settings):
    save_index(random_documents(60))
    feeding.feed(now=timezone.now())
    settings.SEARCH_TIMEOUT = 1.0
    clock = Time()
    guarded = GuardedBackend(ElasticBackend(), DatabaseBackend(), clock=clock)
    plan = plan_for("mien dong")
    expected = guarded.search(plan)
    assert not guarded.circuit.is_open
    wire.become(fault)
    began = time.monotonic()
    assert guarded.search(plan) == expected
    # A second at most, to which a busy machine may add.
    assert time.monotonic() - began < 5
    assert guarded.circuit.is_open
    assert all(guarded.search(plan) == expected for _ in range(5))
    assert guarded.suggest([], "mi", 8)
    assert guarded.has(["mien"])
    wire.become(Fault.NONE)
    settings.SEARCH_TIMEOUT = 10.0
    clock.now += REST_SECONDS
    assert guarded.search(plan) == expected
    assert not guarded.circuit.is_open


class Crowd:
    """People who search without pause, and what they were told."""

    def __init__(self, look: Callable[[], object]) -> None:
        self.answers: list[object] = []
        self._look = look
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._search) for _ in range(4)]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self, count: int = 8) -> None:
        """Until so many more have been told something."""
        wanted, end = len(self.answers) + count, time.monotonic() + 60
        while len(self.answers) < wanted and time.monotonic() < end:
            time.sleep(0.02)

    def _search(self) -> None:
        try:
            while not self._over.is_set():
                try:
                    self.answers.append(self._look())
                except Exception as error:  # noqa: BLE001 - whatever it is, somebody would have seen it
                    self.answers.append(error)
        finally:
            connection.close()


@pytest.fixture
def shop(settings):
    """Listings in the tables and in Elasticsearch, as run_due leaves them."""
    listings = [
        ListingFactory(title=f"{title} {number}") for number in range(1, 7) for title in ("Miến dong", "Mật ong")
    ]
    assert refresh_index(now=timezone.now())
    assert feeding.feed(now=timezone.now()) == len(listings)
    settings.SEARCH_TIMEOUT = 1.0
    return listings


def look() -> tuple[ListingResults, set[int]]:
    """What the engine finds, and how the pages answer."""
    browser = Client()
    addresses = [(reverse("search:search"), {"q": "mien dong"}), (reverse("search:suggestions"), {"q": "mien"})]
    return engines.current().search(plan_for("mien dong")), {browser.get(*each).status_code for each in addresses}


def raise_prices(listings: list[Product]) -> None:
    for listing in listings:
        Product.objects.filter(pk=listing.pk).update(price_per_unit=F("price_per_unit") + 1_000)
    assert refresh_index(now=timezone.now())


def assert_nothing_was_noticed(crowd: Crowd, ids: tuple[int, ...]) -> None:
    assert not [answer for answer in crowd.answers if isinstance(answer, Exception)]
    assert {status for _, statuses in crowd.answers for status in statuses} == {200}
    # Neither words nor quality have changed.
    assert {results.ids for results, _ in crowd.answers} == {ids}


def assert_nothing_is_to_be_repaired() -> None:
    assert feeding.backlog() == 0
    assert not feeding.differences()
    assert verify(now=timezone.now()).is_clean


@pytest.mark.elastic
@pytest.mark.django_db(transaction=True)
def test_people_who_search_notice_nothing_and_the_backlog_drains(wire, shop, settings, monkeypatch):
    monkeypatch.setattr(engines, "REST_SECONDS", 0.2)
    expected = DatabaseBackend().search(plan_for("mien dong"))
    with Crowd(look) as crowd:
        for fault in (Fault.NONE, *FAULTS):
            wire.become(fault)
            crowd.wait_for_more()
        wire.become(Fault.REFUSES)
        raise_prices(shop)
        assert feeding.feed(now=timezone.now()) == 0
        assert feeding.backlog() == len(shop)
        crowd.wait_for_more()
        wire.become(Fault.NONE)
        settings.SEARCH_TIMEOUT = 10.0
        assert feeding.feed(now=timezone.now()) == len(shop)
        crowd.wait_for_more()
    assert_nothing_was_noticed(crowd, expected.ids)
    assert_nothing_is_to_be_repaired()


@pytest.mark.soak
@pytest.mark.elastic
@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_killed_comes_back_with_what_it_had(node, shop):
    expected = DatabaseBackend().search(plan_for("mien dong"))
    with Crowd(look) as crowd:
        crowd.wait_for_more()
        raise_prices(shop[:6])
        assert feeding.feed(now=timezone.now()) == 6
        node.kill()
        crowd.wait_for_more()
        raise_prices(shop)
        assert feeding.feed(now=timezone.now()) == 0
        assert feeding.backlog() == len(shop)
        crowd.wait_for_more()
        node.start()
        assert feeding.feed(now=timezone.now()) == len(shop)
        crowd.wait_for_more()
    assert_nothing_was_noticed(crowd, expected.ids)
    assert_nothing_is_to_be_repaired()


class Node:
    """A server of the test's own, started by the command that ELASTICSEARCH_START names."""

    PORT = 9260

    def __init__(self, command: str, home: Path) -> None:
        self._command = command
        self._home = home
        self.url = ""

    def start(self) -> None:
        environment = {**os.environ, "ELASTICSEARCH_HOME_DIR": str(self._home)}
        started = subprocess.run(
            [self._command, str(self.PORT)], env=environment, check=True, capture_output=True, text=True, timeout=180
        )
        self.url = started.stdout.strip()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((self._home / "pid").read_text()), signal.SIGKILL)


@pytest.fixture
def node(elastic, settings, tmp_path):
    if not (command := os.environ.get("ELASTICSEARCH_START")):
        absent("no command starts an Elasticsearch that may be killed (set ELASTICSEARCH_START)")
    found = Node(command, tmp_path / "node")
    found.start()
    settings.SEARCH_ENGINE, settings.ELASTICSEARCH_URL = "elastic", found.url
    engines.forget()
    yield found
    engines.forget()
    found.kill()
