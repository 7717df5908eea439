import uuid

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from search import feeding
from search.backends import elastic_index
from search.backends.base import EngineUnavailableError
from search.backends.elastic import ElasticBackend
from search.backends.elastic_client import client
from search.indexing import refresh_index
from search.models import IndexState, ListingDocument
from search.query import Plan
from tests.factories.listings import ListingFactory
from tests.search.listing_documents import change, listing_document, random_documents, save_index

pytestmark = [pytest.mark.elastic, pytest.mark.django_db, pytest.mark.usefixtures("elastic")]


@pytest.fixture(autouse=True)
def _chosen(settings):
    settings.SEARCH_ENGINE = "elastic"


def feed() -> int:
    return feeding.feed(now=timezone.now())


def found() -> set[int]:
    return set(ElasticBackend().search(Plan(count=1000)).ids)


def test_nothing_is_sent_for_the_database_engine(settings):
    settings.SEARCH_ENGINE = "database"
    save_index([listing_document(1)])
    assert feed() == 0
    assert ElasticBackend().current_index() is None


def test_an_index_that_was_never_built_is_not_sent():
    IndexState.objects.all().delete()
    assert feed() == 0
    IndexState.objects.create()
    assert feed() == 0


def test_the_first_feeding_sends_everything_that_is_not_removed():
    save_index([listing_document(1), listing_document(2), listing_document(3, is_removed=True)])
    assert feeding.backlog() == 3
    assert feed() == 2
    assert found() == {1, 2}
    assert feeding.backlog() == 0
    assert feed() == 0


def test_changes_follow_and_removed_listings_leave():
    save_index([listing_document(number, category=number) for number in range(1, 4)])
    feed()
    change(1, category=7)
    change(2, is_removed=True)
    ListingDocument.objects.bulk_create([listing_document(9, seq=6)])
    IndexState.objects.update(seq=6)
    assert feeding.backlog() == 3
    assert feed() == 3
    assert found() == {1, 3, 9}
    assert not feeding.differences()
    assert feeding.backlog() == 0


def test_numbers_that_no_document_has_any_more_are_no_backlog():
    save_index([listing_document(1)])
    feed()
    IndexState.objects.update(seq=40)
    assert feeding.backlog() == 39
    assert feed() == 0
    assert feeding.backlog() == 0


def test_more_than_a_batch_goes_in_order(monkeypatch):
    monkeypatch.setattr(feeding, "BATCH", 10)
    save_index(random_documents(25))
    assert feed() == 25
    for number in range(1, 26):
        change(number, quality=1)
    seen: list[int] = []
    assert feeding.send_changes(ElasticBackend(), progress=seen.append) == 25
    assert seen == [10, 20, 25]
    assert not feeding.differences()


def test_a_rebuild_of_the_tables_replaces_the_index():
    state = save_index([listing_document(1), listing_document(2)])
    feed()
    before = ElasticBackend().current_index()
    ListingDocument.objects.filter(listing_id=1).delete()
    state.generation = uuid.uuid4()
    state.seq = 1
    state.save(update_fields=["generation", "seq"])
    assert feeding.backlog() == 1
    feed()
    assert ElasticBackend().current_index() != before
    assert found() == {2}
    assert list(client().indices.get(index=elastic_index.all_indexes()).body) == [ElasticBackend().current_index()]


def test_an_index_that_is_lost_or_older_is_made_anew(monkeypatch):
    save_index([listing_document(1)])
    feed()
    ElasticBackend().discard(ElasticBackend().current_index())
    assert feed() == 1
    assert found() == {1}
    monkeypatch.setattr(elastic_index, "MAPPING_VERSION", elastic_index.MAPPING_VERSION + 1)
    assert feed() == 1
    assert found() == {1}


def test_an_engine_that_is_away_costs_a_line_in_the_log_and_nothing_is_lost(settings, caplog):
    save_index([listing_document(1), listing_document(2)])
    feed()
    change(1, quality=3)
    there, settings.ELASTICSEARCH_URL = settings.ELASTICSEARCH_URL, "http://127.0.0.1:1"
    assert feed() == 0
    assert feeding.backlog() == 1
    assert "1 changes wait" in caplog.text
    settings.ELASTICSEARCH_URL = there
    assert feed() == 1
    assert not feeding.differences()


class DiesAfterWriting(ElasticBackend):
    def write(self, name, documents):
        super().write(name, documents)
        raise EngineUnavailableError("the feeder died")


class DiesAfterPublishing(ElasticBackend):
    def publish(self, name):
        super().publish(name)
        raise EngineUnavailableError("the feeder died")


def nothing(_done: int) -> None: ...


def test_a_feeder_that_dies_between_writing_and_noting_it_writes_again():
    save_index([listing_document(1), listing_document(2)])
    feed()
    change(1, quality=3)
    with pytest.raises(EngineUnavailableError):
        feeding.send_changes(DiesAfterWriting(), progress=nothing)
    assert feeding.backlog() == 1
    assert feed() == 1
    assert not feeding.differences()


def test_a_feeder_that_dies_after_the_swap_has_the_index_made_again():
    save_index([listing_document(1)])
    with pytest.raises(EngineUnavailableError):
        feeding.send_changes(DiesAfterPublishing(), progress=nothing)
    assert IndexState.objects.get().elastic_generation is None
    assert feed() == 1
    assert not feeding.differences()


class IsOvertaken(ElasticBackend):
    """While it writes, another feeder does the same, and more."""

    def __init__(self, meanwhile):
        self._meanwhile = meanwhile

    def write(self, name, documents):
        documents = list(documents)
        self._meanwhile()
        return super().write(name, documents)

    def build(self, documents, *, progress):
        documents = list(documents)
        self._meanwhile()
        return super().build(documents, progress=progress)


def test_two_feeders_of_the_same_changes_do_no_harm():
    save_index([listing_document(1), listing_document(2)])
    feed()
    change(1, quality=3)

    def another() -> None:
        change(1, quality=8)
        change(2, is_removed=True)
        feed()

    feeding.send_changes(IsOvertaken(another), progress=nothing)
    assert feeding.backlog() == 0
    assert not feeding.differences()
    assert found() == {1}


def test_a_builder_that_was_overtaken_throws_its_own_away():
    save_index([listing_document(1), listing_document(2)])

    def another() -> None:
        feed()
        change(2, quality=9)
        feed()

    assert feeding.send_changes(IsOvertaken(another), progress=nothing) == 0
    assert len(client().indices.get(index=elastic_index.all_indexes()).body) == 1
    assert feeding.backlog() == 0
    assert not feeding.differences()


def test_while_an_index_is_made_anew_it_counts_as_absent():
    save_index([listing_document(1)])
    feed()
    IndexState.objects.update(elastic_generation=None)
    seen = []
    watched = IsOvertaken(lambda: seen.append(IndexState.objects.get().elastic_generation))
    feeding.send_changes(watched, progress=nothing)
    assert seen == [None]
    state = IndexState.objects.get()
    assert state.elastic_generation == state.generation


def test_a_change_while_the_index_is_built_is_sent_next():
    save_index([listing_document(1), listing_document(2)])
    feeding.send_changes(IsOvertaken(lambda: change(2, is_removed=True)), progress=nothing)
    assert feeding.backlog() == 1
    feed()
    assert found() == {1}


def test_differences_are_found_and_repaired():
    save_index([listing_document(number) for number in range(1, 5)])
    feed()
    ElasticBackend().index([listing_document(1, is_removed=True, seq=90), listing_document(2, seq=91)])
    ElasticBackend().index([listing_document(50)])
    different = feeding.differences()
    assert (different.missing, different.surplus, different.other) == ({1}, {50}, {2})
    assert feeding.send_everything_again() == 4
    assert not feeding.differences()


def test_the_command_of_the_index_knows_of_elasticsearch(capsys):
    call_command("search_index", "rebuild")
    assert "sent to Elasticsearch: 0" in capsys.readouterr().out
    listing = ListingFactory(title="Mật ong")
    assert refresh_index(now=timezone.now())
    call_command("search_index", "status")
    assert "Elasticsearch: 0 listings, backlog 1" in capsys.readouterr().out
    call_command("search_index", "verify")
    assert "Elasticsearch: missing: 0, surplus: 0, different: 0" in capsys.readouterr().out
    assert found() == {listing.pk}
    ElasticBackend().index([listing_document(7_777_777)])
    with pytest.raises(SystemExit):
        call_command("search_index", "verify")
    call_command("search_index", "verify", "--repair")
    assert "sent again: 1" in capsys.readouterr().out
    assert found() == {listing.pk}


def test_the_command_says_when_elasticsearch_is_away(settings, capsys):
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    call_command("search_index", "rebuild")
    call_command("search_index", "status")
    assert "Elasticsearch: Elasticsearch: ConnectionError" not in capsys.readouterr().out
    with pytest.raises(CommandError, match="ConnectionError"):
        call_command("search_index", "verify")
