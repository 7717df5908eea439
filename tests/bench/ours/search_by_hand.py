"""The least that an engine can be asked to: one statement, written by hand, with total, seven facets and the first page.

It knows nothing of tiers: the first page is the best by quality. Its filling is one bulk write of rows that are ready.
"""

import os
from collections.abc import Sequence
from typing import Any, Protocol

from django.db import connection, transaction

from search.models import ListingDocument
from search.query import PRICE_BANDS, Facet, ListingResults, Plan

_COLUMNS = {
    Facet.CATEGORY: "category",
    Facet.COMMODITY: "commodity",
    Facet.COMMUNE: "commune",
    Facet.COOPERATIVE: "cooperative",
    Facet.STARS: "stars",
}
_BAND = (
    "CASE "
    + " ".join(f"WHEN price < {end} THEN {n}" for n, end in enumerate(PRICE_BANDS))
    + f" ELSE {len(PRICE_BANDS)} END"
)
_BITS = 3
_BEST = "quality DESC, published DESC, listing_id"


class ByHand(Protocol):
    def fill(self, rows: Sequence[ListingDocument]) -> None: ...

    def search(self, plan: Plan) -> ListingResults: ...

    def suggest(self, terms: Sequence[str], prefix: str, count: int) -> tuple[int, ...]: ...


class DatabaseByHand:
    """SQLite or PostgreSQL, on the tables that ours fills; its own rows go to tables that nobody reads."""

    def fill(self, rows: Sequence[ListingDocument]) -> None:
        fields = [field for field in ListingDocument._meta.concrete_fields if field.column != "terms"]
        marks = ", ".join(["%s"] * (len(fields) + 1))
        columns = ", ".join([*(field.column for field in fields), "terms"])
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in self._statements():
                cursor.execute(statement)
            cursor.executemany(
                f"INSERT INTO bench_document ({columns}) VALUES ({marks})",
                [
                    (*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.terms)
                    for row in rows
                ],
            )
            if connection.vendor == "sqlite":
                cursor.executemany(
                    "INSERT INTO bench_terms (rowid, terms) VALUES (%s, %s)", [(r.slot, r.terms) for r in rows]
                )
            else:
                cursor.executemany(
                    "INSERT INTO bench_terms VALUES (%s, array_to_tsvector(string_to_array(%s, ' ')))",
                    [(row.slot, row.terms) for row in rows],
                )

    def _statements(self) -> list[str]:
        common = ["DROP TABLE IF EXISTS bench_document", "DROP TABLE IF EXISTS bench_terms"]
        if connection.vendor == "sqlite":
            return [
                *common,
                "CREATE TABLE bench_document AS SELECT * FROM search_listingdocument LIMIT 0",
                """CREATE VIRTUAL TABLE bench_terms USING fts5(terms, detail=none, tokenize="ascii tokenchars ':=+.,'")""",
            ]
        return [
            *common,
            "CREATE TABLE bench_document (LIKE search_listingdocument INCLUDING ALL)",
            "CREATE TABLE bench_terms (slot integer PRIMARY KEY, terms tsvector NOT NULL)",
            "CREATE INDEX ON bench_terms USING gin (terms)",
        ]

    def search(self, plan: Plan) -> ListingResults:
        matched, parameters = self._matched(plan.terms, "")
        chosen = {facet: f"{_COLUMNS[facet]} IN ({', '.join(map(str, keys))})" for facet, keys in plan.chosen.items()}

        def where(besides: Facet | None = None) -> str:
            return " AND ".join(["1 = 1", *(text for facet, text in chosen.items() if facet is not besides)])

        groups = {facet: f"SELECT '{facet.name}' AS part, {column} AS value, count(*) AS hits FROM hits WHERE {where(facet)} GROUP BY 2"
                  for facet, column in (_COLUMNS | {Facet.PRICE_BAND: _BAND}).items()}  # fmt: skip
        bits = [
            f"SELECT '{Facet.CERTIFICATE.name}', {bit}, count(*) FROM hits WHERE certificates & {1 << bit} <> 0 AND {where()}"
            for bit in range(_BITS)
        ]
        page = f"SELECT * FROM (SELECT 'page', listing_id, 0 FROM hits WHERE {where()} ORDER BY {_BEST} LIMIT {plan.count}) AS p"
        total = f"SELECT 'total', 0, count(*) FROM hits WHERE {where()}"
        parts = [*groups.values(), *bits, total, page]
        with connection.cursor() as cursor:
            cursor.execute(f"WITH hits AS MATERIALIZED ({matched}) " + " UNION ALL ".join(parts), parameters)
            rows = cursor.fetchall()
        facets: dict[Facet, dict[int, int]] = {facet: {} for facet in Facet}
        for part, value, hits in rows:
            if part in Facet.__members__ and hits and not (part == Facet.STARS.name and not value):
                facets[Facet[part]][value] = hits
        ids = tuple(value for part, value, _ in rows if part == "page")
        return ListingResults(ids, next(hits for part, _, hits in rows if part == "total"), facets)

    def suggest(self, terms: Sequence[str], prefix: str, count: int) -> tuple[int, ...]:
        matched, parameters = self._matched(terms, prefix)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT listing_id FROM ({matched}) AS hits ORDER BY {_BEST} LIMIT {count}", parameters)
            return tuple(row[0] for row in cursor.fetchall())

    def _matched(self, terms: Sequence[str], prefix: str) -> tuple[str, list[str]]:
        names = "d.listing_id, d.category, d.commodity, d.commune, d.cooperative, d.stars, d.certificates, d.price, d.quality, d.published"
        if connection.vendor == "sqlite":
            wanted = [f'"{term}"' for term in terms] + [f'"{word}" *' for word in [prefix] if word]
            return (
                f"SELECT {names} FROM search_terms t JOIN search_listingdocument d ON d.slot = t.rowid "
                "WHERE search_terms MATCH %s",
                [" AND ".join(wanted)],
            )
        wanted = [f"'{term}'" for term in terms] + [f"'{word}':*" for word in [prefix] if word]
        return (
            f"SELECT {names} FROM search_terms t JOIN search_listingdocument d ON d.slot = t.slot WHERE t.terms @@ %s::tsquery",
            [" & ".join(wanted)],
        )


class ElasticByHand:
    """Elasticsearch through its plain client, on an index of its own."""

    index = "bench-by-hand"

    def __init__(self) -> None:
        from elasticsearch import Elasticsearch

        self.client = Elasticsearch(os.environ["ELASTICSEARCH_URL"], request_timeout=60)

    def fill(self, rows: Sequence[ListingDocument]) -> None:
        from elasticsearch.helpers import bulk

        self.client.options(ignore_status=404).indices.delete(index=self.index)
        whole = {"type": "integer"}
        self.client.indices.create(
            index=self.index,
            settings={"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"},
            mappings={
                "properties": {
                    "terms": {"type": "keyword"},
                    **dict.fromkeys((*_COLUMNS.values(), "band", "certificates", "quality"), whole),
                    "listing_id": {"type": "long"},
                    "published": {"type": "long"},
                    "price": {"type": "long"},
                    "season": {"type": "byte"},
                    "in_stock": {"type": "boolean"},
                }
            },
        )
        bulk(self.client, (self._action(row) for row in rows), chunk_size=1000)
        self.client.indices.refresh(index=self.index)

    def _action(self, row: ListingDocument) -> dict[str, Any]:
        return {
            "_index": self.index,
            "_id": row.listing_id,
            "_source": {
                "terms": row.terms.split(),
                "listing_id": row.listing_id,
                **{name: getattr(row, name) for name in (*_COLUMNS.values(), "quality", "published", "price")},
                "band": sum(row.price >= end for end in PRICE_BANDS),
                "certificates": [bit for bit in range(_BITS) if row.certificates & 1 << bit],
                "season": [month for month in range(1, 13) if row.season_months & 1 << month - 1],
                "in_stock": row.is_in_stock,
            },
        }

    def search(self, plan: Plan) -> ListingResults:
        columns = _COLUMNS | {Facet.PRICE_BAND: "band", Facet.CERTIFICATE: "certificates"}
        chosen = {facet: {"terms": {columns[facet]: sorted(keys)}} for facet, keys in plan.chosen.items()}
        answer = self.client.search(
            index=self.index,
            size=plan.count,
            track_total_hits=True,
            source=False,
            docvalue_fields=["listing_id"],
            query={"bool": {"filter": [{"term": {"terms": term}} for term in plan.terms]}},
            post_filter={"bool": {"filter": list(chosen.values())}},
            sort=[{"quality": "desc"}, {"published": "desc"}, {"listing_id": "asc"}],
            aggs={
                facet.name: {
                    "filter": {"bool": {"filter": [rule for other, rule in chosen.items() if other is not facet]}},
                    "aggs": {"values": {"terms": {"field": column, "size": 10_000}}},
                }
                for facet, column in columns.items()
            },
        )
        facets = {
            facet: {
                bucket["key"]: bucket["doc_count"]
                for bucket in answer["aggregations"][facet.name]["values"]["buckets"]
                if bucket["key"] or facet not in {Facet.STARS}
            }
            for facet in Facet
        }
        ids = tuple(hit["fields"]["listing_id"][0] for hit in answer["hits"]["hits"])
        return ListingResults(ids, answer["hits"]["total"]["value"], facets)

    def suggest(self, terms: Sequence[str], prefix: str, count: int) -> tuple[int, ...]:
        answer = self.client.search(
            index=self.index,
            size=count,
            source=False,
            docvalue_fields=["listing_id"],
            track_total_hits=False,
            query={"bool": {"filter": [*({"term": {"terms": term}} for term in terms), {"prefix": {"terms": prefix}}]}},
            sort=[{"quality": "desc"}, {"published": "desc"}, {"listing_id": "asc"}],
        )
        return tuple(hit["fields"]["listing_id"][0] for hit in answer["hits"]["hits"])
