"""Coverage of one province at a date, by our code and by one statement of SQL: python -m tests.bench.ours.coverage RUNS.

Both must give the same numbers. Prints JSON: milliseconds of elapsed time and of CPU (ours, and the server's where it can be seen).
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django

django.setup()

from django.db import connection  # noqa: E402

from cooperatives.indicators.selectors import coverage  # noqa: E402
from cooperatives.places.models import AdministrativeUnit  # noqa: E402
from tests.bench.accounting import cpu_of  # noqa: E402
from tests.bench.ours.registry import AS_OF  # noqa: E402

QUERY = """
WITH RECURSIVE moved(origin_id, unit_id) AS (
    SELECT id, id FROM places_administrativeunit WHERE level = 'commune' AND valid_from <= %(as_of)s
    UNION ALL
    SELECT m.origin_id, s.successor_id
    FROM moved m JOIN places_succession s ON s.predecessor_id = m.unit_id AND s.is_default AND s."on" <= %(as_of)s
),
placed AS (
    SELECT m.origin_id, u.id AS unit_id, u.kind
    FROM moved m JOIN places_administrativeunit u ON u.id = m.unit_id
    WHERE u.province_id = %(province)s AND (u.valid_to IS NULL OR u.valid_to > %(as_of)s)
),
kinds AS (
    SELECT a.id AS above_id, d.id AS below_id
    FROM commodities_commodity a JOIN commodities_commodity d ON substr(d.path, 1, length(a.path)) = a.path
),
active AS (
    SELECT l.id, l.commodity_id, l.valid_from, l.valid_to
    FROM linkage_linkagemodel l
    WHERE l.valid_from <= %(as_of)s AND (l.valid_to IS NULL OR l.valid_to > %(as_of)s)
    AND (
        SELECT s.status FROM linkage_linkagestatus s
        WHERE s.linkage_id = l.id AND s.decided_on <= %(as_of)s ORDER BY s.decided_on DESC, s.id DESC LIMIT 1
    ) = 'verified'
),
serves AS (
    SELECT DISTINCT c.cooperative_id, p.unit_id
    FROM cooperatives_cooperativecommune c JOIN placed p ON p.origin_id = c.unit_id
    WHERE c.valid_from <= %(as_of)s AND (c.valid_to IS NULL OR c.valid_to > %(as_of)s)
),
partners AS (
    SELECT t.linkage_id, t.cooperative_id
    FROM linkage_linkageparticipant t
    WHERE t.valid_from <= %(as_of)s AND (t.valid_to IS NULL OR t.valid_to > %(as_of)s)
),
areas AS (
    SELECT DISTINCT a.linkage_id, p.unit_id
    FROM linkage_linkagearea a JOIN placed p ON p.origin_id = a.unit_id
    WHERE a.valid_from <= %(as_of)s AND (a.valid_to IS NULL OR a.valid_to > %(as_of)s)
),
reach AS (
    SELECT r.linkage_id, r.unit_id FROM areas r JOIN active m ON m.id = r.linkage_id
    UNION
    SELECT m.id, s.unit_id
    FROM active m JOIN partners t ON t.linkage_id = m.id JOIN serves s ON s.cooperative_id = t.cooperative_id
    WHERE NOT EXISTS (SELECT 1 FROM linkage_linkagearea a WHERE a.linkage_id = m.id AND a.valid_from <= %(as_of)s)
),
covering AS (
    SELECT DISTINCT r.linkage_id, r.unit_id
    FROM reach r
    JOIN active m ON m.id = r.linkage_id
    JOIN partners t ON t.linkage_id = r.linkage_id
    JOIN serves s ON s.cooperative_id = t.cooperative_id AND s.unit_id = r.unit_id
    JOIN placed p ON p.unit_id = r.unit_id
    JOIN linkage_keyproduct k ON k.unit_id = p.origin_id
        AND k.valid_from <= %(as_of)s AND (k.valid_to IS NULL OR k.valid_to > %(as_of)s)
    JOIN kinds d ON d.above_id = k.commodity_id AND d.below_id = m.commodity_id
    WHERE EXISTS (
        SELECT 1 FROM cooperatives_cooperativeactivity a WHERE a.cooperative_id = t.cooperative_id
        AND a.valid_from <= %(as_of)s AND (a.valid_to IS NULL OR a.valid_to > %(as_of)s)
    )
),
spans AS (
    SELECT m.id AS linkage_id, t.cooperative_id, d.below_id AS commodity_id,
        CASE WHEN t.valid_from > m.valid_from THEN t.valid_from ELSE m.valid_from END AS first_on,
        CASE WHEN t.valid_to IS NULL OR t.valid_to > m.valid_to THEN m.valid_to ELSE t.valid_to END AS end_on
    FROM active m JOIN linkage_linkageparticipant t ON t.linkage_id = m.id JOIN kinds d ON d.above_id = m.commodity_id
),
listed AS (
    SELECT DISTINCT n.linkage_id, p.unit_id
    FROM spans n
    JOIN linkage_listingevidence e ON e.cooperative_id = n.cooperative_id AND e.commodity_id = n.commodity_id
    JOIN placed p ON p.origin_id = e.unit_id
    JOIN reach r ON r.linkage_id = n.linkage_id AND r.unit_id = p.unit_id
    WHERE e.first_on <= %(as_of)s AND (e.last_on IS NULL OR e.last_on > %(since)s)
    AND (n.end_on IS NULL OR (e.first_on < n.end_on AND n.end_on > %(day_after_since)s))
    AND (e.last_on IS NULL OR e.last_on >= n.first_on)
),
sold AS (
    SELECT DISTINCT n.linkage_id, p.unit_id, b.component
    FROM spans n
    JOIN linkage_saleevidence e ON e.cooperative_id = n.cooperative_id AND e.commodity_id = n.commodity_id
    JOIN placed p ON p.origin_id = e.unit_id
    JOIN reach r ON r.linkage_id = n.linkage_id AND r.unit_id = p.unit_id
    JOIN linkage_buyercontact b ON b.order_key = e.order_key
    WHERE e.delivered_on > %(since)s AND e.delivered_on <= %(as_of)s AND e.paid_on <= %(as_of)s AND NOT e.by_insider
    AND e.delivered_on >= n.first_on AND (n.end_on IS NULL OR e.delivered_on < n.end_on)
    AND e.amount > COALESCE(
        (SELECT SUM(x.amount) FROM linkage_salereduction x WHERE x.sale_id = e.id AND x.reduced_on <= %(as_of)s), 0
    )
),
traded_there AS (
    SELECT linkage_id, unit_id FROM sold GROUP BY linkage_id, unit_id HAVING COUNT(*) >= %(buyers)s
    INTERSECT SELECT linkage_id, unit_id FROM listed
),
traded_models AS (
    SELECT linkage_id FROM sold GROUP BY linkage_id HAVING COUNT(DISTINCT component) >= %(buyers)s
    INTERSECT SELECT linkage_id FROM listed
),
traded_units AS (
    SELECT c.unit_id FROM covering c JOIN traded_there t ON t.linkage_id = c.linkage_id AND t.unit_id = c.unit_id
),
units AS (
    SELECT u.id, u.kind, u.id IN (SELECT unit_id FROM covering) AS is_covered,
        u.id IN (SELECT unit_id FROM traded_units) AS is_traded
    FROM places_administrativeunit u
    WHERE u.level = 'commune' AND u.province_id = %(province)s
    AND u.valid_from <= %(as_of)s AND (u.valid_to IS NULL OR u.valid_to > %(as_of)s)
),
districts AS (
    SELECT o.parent_id AS id, MAX(CASE WHEN u.is_covered THEN 1 ELSE 0 END) AS is_covered,
        MAX(CASE WHEN u.is_traded THEN 1 ELSE 0 END) AS is_traded
    FROM units u
    JOIN places_succession s ON s.successor_id = u.id
    JOIN places_administrativeunit o ON o.id = s.predecessor_id
    GROUP BY o.parent_id
),
with_area AS (SELECT DISTINCT a.linkage_id FROM areas a JOIN active m ON m.id = a.linkage_id)
SELECT
    (SELECT COUNT(*) FROM units WHERE kind = 'xa' AND is_covered),
    (SELECT COUNT(*) FROM units WHERE kind = 'xa' AND is_traded),
    (SELECT COUNT(*) FROM units WHERE kind = 'xa'),
    (SELECT SUM(is_covered) FROM districts),
    (SELECT SUM(is_traded) FROM districts),
    (SELECT COUNT(*) FROM districts),
    (SELECT COUNT(*) FROM with_area WHERE linkage_id IN (SELECT linkage_id FROM traded_models)),
    (SELECT COUNT(*) FROM with_area)
"""
WINDOW_DAYS, BUYERS = 365, 3

Numbers = tuple[int, ...]
"""L1 covered, traded, all; L2 covered, traded, all; L3 traded, all."""


def by_query(province: AdministrativeUnit) -> Numbers:
    since = AS_OF - timedelta(days=WINDOW_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            QUERY,
            {
                "as_of": AS_OF,
                "since": since,
                "day_after_since": since + timedelta(days=1),
                "province": province.pk,
                "buyers": BUYERS,
            },
        )
        return tuple(int(number) for number in cursor.fetchone())


def by_our_code(province: AdministrativeUnit) -> Numbers:
    found = coverage(province, AS_OF, today=AS_OF + timedelta(days=1))
    return (
        *(found.l1.numerator, found.l1.traded, found.l1.denominator),
        *(found.l2.numerator, found.l2.traded, found.l2.denominator),
        *(found.l3.numerator, found.l3.denominator),
    )


def cpu_ms() -> float:
    """What this process and the backend that serves it have spent so far; a distant backend counts nothing."""
    backend = 0.0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = sum(cpu_of([cursor.fetchone()[0]]).values())
    return time.process_time() * 1000 + backend


def measure(runs: int) -> dict[str, object]:
    """Runs both in turns. Raises AssertionError when their numbers differ."""
    province = AdministrativeUnit.objects.get(code="04", valid_to__isnull=True)
    ways: dict[str, Callable[[AdministrativeUnit], Numbers]] = {"coverage": by_our_code, "query": by_query}
    results = {name: way(province) for name, way in ways.items()}
    if results["coverage"] != results["query"]:
        raise AssertionError(f"coverage() and the query differ: {results}")
    elapsed: dict[str, list[float]] = {name: [] for name in ways}
    spent = dict.fromkeys(ways, 0.0)
    for _ in range(runs):
        for name, way in ways.items():
            cpu, began = cpu_ms(), time.perf_counter()
            way(province)
            elapsed[name].append((time.perf_counter() - began) * 1000)
            spent[name] += cpu_ms() - cpu
    return {
        "as_of": f"{AS_OF:%d/%m/%Y}",
        "result": "L1 {}/{}/{}, L2 {}/{}/{}, L3 {}/{}".format(*results["query"]),
        **{name: {"cpu_ms": spent[name] / runs, "wall_ms": statistics.median(elapsed[name])} for name in ways},
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1])), ensure_ascii=False))
