import threading

import pytest

from search.backends import elastic_index
from search.backends.base import EngineUnavailableError
from search.backends.elastic import ElasticBackend
from search.backends.elastic_client import client
from search.planning import required_terms, tiers
from search.query import Facet, Plan, Sort
from search.terms import query_words
from tests.search.listing_documents import listing_document, random_documents

pytestmark = [pytest.mark.elastic, pytest.mark.usefixtures("elastic")]


def nothing(_done: int) -> None: ...


def plan_for(text: str, **fields) -> Plan:
    words = query_words(text)
    return Plan(terms=required_terms(words), tiers=tiers(words), **fields)


@pytest.fixture
def backend() -> ElasticBackend:
    return ElasticBackend()


def test_an_engine_without_an_index_is_not_available(backend):
    for ask in (lambda: backend.search(Plan()), lambda: backend.has(["mien"]), lambda: backend.suggest([], "m", 8)):
        with pytest.raises(EngineUnavailableError, match="404"):
            ask()


def test_marks_order_before_quality(backend):
    documents = [
        listing_document(1, "Mắn tươi", quality=900),
        listing_document(2, "Mận tươi", quality=1),
        listing_document(3, "Rượu mận", quality=2),
        listing_document(4, "Chè đắng"),
    ]
    assert backend.rebuild(documents, progress=nothing) == 4
    assert backend.search(plan_for("mận")).ids == (2, 3, 1)
    assert backend.search(plan_for("mận tươi")).ids == (2, 1)
    assert backend.search(plan_for("man")).ids == (1, 2, 3)


def test_facets_ignore_their_own_choice_and_no_other(backend):
    documents = [
        listing_document(1, stars=5, category=1, certificates=0b101),
        listing_document(2, stars=4, category=1),
        listing_document(3, stars=5, category=2, price=500_000),
        listing_document(4, stars=0, category=2),
    ]
    backend.rebuild(documents, progress=nothing)
    chosen = {Facet.STARS: frozenset({5}), Facet.CATEGORY: frozenset({1})}
    found = backend.search(Plan(chosen=chosen))
    assert found.ids == (1,)
    assert found.total == 1
    assert found.facets[Facet.STARS] == {5: 1, 4: 1}
    assert found.facets[Facet.CATEGORY] == {1: 1, 2: 1}
    assert found.facets[Facet.CERTIFICATE] == {0: 1, 2: 1}
    assert found.facets[Facet.PRICE_BAND] == {1: 1}


def test_the_nearest_come_first_and_what_is_out_of_reach_does_not_come(backend):
    documents = [listing_document(number, commune=number) for number in range(1, 5)]
    backend.rebuild(documents, progress=nothing)
    near = Plan(sort=Sort.NEAREST, distances={1: 7, 2: 0, 4: 7})
    assert backend.search(near).ids == (2, 1, 4)


def test_a_rebuild_is_seen_whole_or_not_at_all(backend):
    backend.rebuild([listing_document(number) for number in range(1, 101)], progress=nothing)
    totals, done = set(), threading.Event()

    def look() -> None:
        while not done.is_set():
            totals.add(backend.search(Plan()).total)

    watcher = threading.Thread(target=look)
    watcher.start()
    told: list[int] = []
    backend.rebuild([listing_document(number) for number in range(1, 2502)], progress=told.append)
    done.set()
    watcher.join()
    assert told == [1000, 2000, 2501]
    assert backend.search(Plan()).total == 2501
    assert totals <= {100, 2501}


def test_a_rebuild_that_fails_leaves_the_old_index_and_nothing_of_its_own(backend):
    backend.rebuild([listing_document(1)], progress=nothing)

    def broken():
        yield from (listing_document(number) for number in range(1, 1500))
        raise EngineUnavailableError("the database went away")

    with pytest.raises(EngineUnavailableError):
        backend.rebuild(broken(), progress=nothing)
    assert backend.search(Plan()).total == 1
    assert len(client().indices.get(index=elastic_index.all_indexes()).body) == 1


def test_a_late_writer_cannot_undo_what_is_newer(backend):
    backend.rebuild([listing_document(1, seq=5), listing_document(2, seq=6)], progress=nothing)
    backend.index([listing_document(1, seq=9, quality=1), listing_document(2, seq=10, is_removed=True)])
    backend.index([listing_document(1, seq=5, quality=1000), listing_document(2, seq=6)])
    assert backend.numbers() == {1: 9}
    backend.index([listing_document(1, seq=9, quality=1), listing_document(2, seq=10, is_removed=True)])
    assert backend.numbers() == {1: 9}


def test_an_index_that_was_dropped_does_not_come_back_by_a_write(backend):
    backend.rebuild([listing_document(1)], progress=nothing)
    name = backend.current_index()
    backend.discard(name)
    with pytest.raises(EngineUnavailableError):
        backend.write(name, [listing_document(2)])
    assert backend.current_index() is None


def test_an_index_of_another_version_is_none(backend, monkeypatch):
    backend.rebuild([listing_document(1)], progress=nothing)
    monkeypatch.setattr(elastic_index, "MAPPING_VERSION", elastic_index.MAPPING_VERSION + 1)
    assert backend.current_index() is None
    with pytest.raises(EngineUnavailableError):
        backend.search(Plan())
    backend.rebuild([listing_document(1), listing_document(2)], progress=nothing)
    assert backend.search(Plan()).total == 2
    assert len(client().indices.get(index=elastic_index.all_indexes()).body) == 1


def test_the_last_page_and_what_is_beyond(backend):
    backend.rebuild(random_documents(30), progress=nothing)
    assert len(backend.search(Plan(start=24)).ids) == 6
    beyond = backend.search(Plan(start=9_576))
    assert (beyond.ids, beyond.total) == ((), 30)


def test_suggestions_and_whether_there_is_any(backend):
    backend.rebuild(
        [
            listing_document(1, "Miến dong", quality=5),
            listing_document(2, "Miến đao", quality=9),
            listing_document(3, "Mật ong"),
        ],
        progress=nothing,
    )
    assert backend.suggest(["mien"], ":t:d", 8) == (2, 1)
    assert backend.suggest([], ":t:m", 2) == (3, 2)
    assert backend.has(["mien"], "do")
    assert not backend.has(["mien"], "x")


def test_no_secret_stands_in_what_is_told(settings, backend, caplog):
    settings.ELASTICSEARCH_URL = "http://somebody:very-secret@127.0.0.1:1"
    with pytest.raises(EngineUnavailableError) as failure:
        backend.search(Plan())
    assert "very-secret" not in str(failure.value) + caplog.text
    assert "127.0.0.1" not in str(failure.value)


def test_every_listing_of_a_thousand_is_counted_once_by_each_facet(backend):
    documents = random_documents(1000)
    backend.rebuild(documents, progress=nothing)
    found = backend.search(Plan())
    assert found.total == 1000
    assert sum(found.facets[Facet.CATEGORY].values()) == 1000
    assert sum(found.facets[Facet.PRICE_BAND].values()) == 1000
    assert sum(found.facets[Facet.STARS].values()) == sum(document.stars > 0 for document in documents)


def test_the_mapping_refuses_fields_that_it_does_not_know(backend):
    backend.rebuild([], progress=nothing)
    server = client()
    mapping = server.indices.get_mapping(index=elastic_index.alias()).body
    (told,) = mapping.values()
    assert told["mappings"]["dynamic"] == "strict"
    assert told["mappings"]["_source"] == {"enabled": False}
