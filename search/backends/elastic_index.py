"""What lies in Elasticsearch: an index for each rebuild, behind an alias that readers ask."""

import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from elasticsearch import Elasticsearch, NotFoundError
from elasticsearch.helpers import streaming_bulk
from elasticsearch_dsl import Document, Index, Keyword, Long, MetaField

from search.backends.base import EngineUnavailableError, Progress
from search.models import ListingDocument
from search.query import price_band

# Of the fields below. Readers ask the alias of their own version: an index of another is not there for them.
MAPPING_VERSION = 1
BATCH = 1_000
PAGE = 10_000
MONTHS = range(12)
BITS = range(32)

SETTINGS = {
    # One shard: exact counts, and no second node for a province's listings.
    "number_of_shards": 1,
    "number_of_replicas": 0,
    # Readers see a batch when the feeder says so.
    "refresh_interval": -1,
    # A late feeder cannot bring back what was deleted in the meantime.
    "gc_deletes": "1h",
}


class Listing(Document):
    """A listing document as Elasticsearch keeps it, its id being the listing's. As a facet's value, 0 stands for none,
    but for positions in a list.

    What is asked for by its value, and counted, is a keyword: faster at both than a number.
    """

    terms = Keyword(norms=False, doc_values=False)
    category = Keyword(norms=False)
    commodity = Keyword(norms=False)
    commune = Keyword(norms=False)
    cooperative = Keyword(norms=False)
    stars = Keyword(norms=False)
    certificate = Keyword(norms=False)
    price_band = Keyword(norms=False)
    month = Keyword(norms=False, doc_values=False)
    stock = Keyword(norms=False, doc_values=False)
    listing = Long()
    seq = Long()
    price = Long()
    quality = Long()
    published = Long()

    class Meta:
        dynamic = MetaField("strict")
        # Read back by nobody: an index is always made anew from the database.
        _source = MetaField(enabled=False)


def alias() -> str:
    return f"{settings.ELASTICSEARCH_PREFIX}listings-v{MAPPING_VERSION}"


def all_indexes() -> str:
    """The pattern of every version's indexes."""
    return f"{settings.ELASTICSEARCH_PREFIX}listings-index-*"


def writing_alias(index: str) -> str:
    """Who writes uses this name and asks for an alias: a name that is gone would be made anew, without our fields."""
    return f"{index}-write"


def create_index(client: Elasticsearch) -> str:
    """A new, empty index that nobody reads yet; its name."""
    name = f"{settings.ELASTICSEARCH_PREFIX}listings-index-v{MAPPING_VERSION}-{secrets.token_hex(6)}"
    index = Index(name, using=client)
    index.document(Listing)
    index.settings(**SETTINGS)
    index.aliases(**{writing_alias(name): {}})
    index.create()
    return name


def current_index(client: Elasticsearch) -> str | None:
    """The index behind the alias of this version."""
    try:
        found = client.indices.get_alias(name=alias())
    except NotFoundError:
        return None
    return next(iter(found.body), None)


def publish(client: Elasticsearch, index: str) -> None:
    """Readers of this version get this index from now on."""
    client.indices.update_aliases(
        actions=[
            {"remove": {"index": all_indexes(), "alias": alias(), "must_exist": False}},
            {"add": {"index": index, "alias": alias()}},
        ]
    )


def drop_others(client: Elasticsearch, keep: str | None) -> None:
    for name in client.indices.get(index=all_indexes(), features="aliases").body:
        if name != keep:
            client.indices.delete(index=name, ignore_unavailable=True)


def numbers(client: Elasticsearch) -> dict[int, int]:
    """The number of every document, by listing."""
    found: dict[int, int] = {}
    after: list[int] | None = None
    while True:
        answer = client.search(
            index=alias(), size=PAGE, sort=[{"listing": "asc"}, {"seq": "asc"}], search_after=after, source=False
        )
        hits = answer["hits"]["hits"]
        found |= {int(hit["sort"][0]): int(hit["sort"][1]) for hit in hits}
        if len(hits) < PAGE:
            return found
        after = hits[-1]["sort"]


def send(client: Elasticsearch, index: str, documents: Iterable[ListingDocument], *, progress: Progress) -> int:
    """Writes documents and deletes the removed. How many were written; raises EngineUnavailableError for one that is refused.

    A document that the index knows under a higher number stays as it is, so what is sent late or twice does no harm.
    """
    done = written = 0
    answers = streaming_bulk(
        client,
        map(_action, documents),
        chunk_size=BATCH,
        index=writing_alias(index),
        require_alias=True,
        raise_on_error=False,
        max_retries=0,
    )
    for done, (is_ok, answer) in enumerate(answers, 1):
        ((kind, told),) = answer.items()
        if not is_ok and told["status"] != 409 and not (kind == "delete" and told["status"] == 404):
            raise EngineUnavailableError(f"Elasticsearch refused a document: {told['status']}")
        written += kind == "index"
        if done % BATCH == 0:
            progress(written)
    if done % BATCH:
        progress(written)
    return written


def _action(document: ListingDocument) -> dict[str, Any]:
    action: dict[str, Any] = {
        "_id": str(document.listing_id),
        "version": document.seq,
        "version_type": "external_gte",
    }
    if document.is_removed:
        return action | {"_op_type": "delete"}
    return action | {"_source": source(document)}


def source(document: ListingDocument) -> dict[str, Any]:
    """The document's fields."""
    keys = {
        "category": document.category,
        "commodity": document.commodity,
        "commune": document.commune,
        "cooperative": document.cooperative,
        "stars": document.stars,
    }
    return {
        **{name: str(key) for name, key in keys.items()},
        "terms": document.terms.split(),
        "listing": document.listing_id,
        "seq": document.seq,
        "certificate": [str(bit) for bit in bits(document.certificates, BITS)],
        "price_band": str(price_band(document.price)),
        "month": [str(bit + 1) for bit in bits(document.season_months, MONTHS)],
        "stock": str(int(document.is_in_stock)),
        "price": document.price,
        "quality": document.quality,
        "published": document.published,
    }


def bits(mask: int, among: Iterable[int]) -> Iterator[int]:
    return (bit for bit in among if mask >> bit & 1)
