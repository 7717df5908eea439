import os
from types import SimpleNamespace

import pytest

from tests.bench import accounting, data
from tests.bench.client import BenchError, parse_forms, run_load
from tests.bench.counting import ANSWER, ASK, Counter, count_queries
from tests.bench.database_url import django_database
from tests.bench.report import Figure, table

PAGE = """
<form action="/search/"><input name="q" value="gạo"></form>
<form method="post" action="/basket/add/7/" class="buy">
  <input type="hidden" name="token" value="a&amp;b"><input name=quantity value=1>
  <input type="radio" name="pay" value="card"><input type="radio" name="pay" value="cash" checked>
  <input type="checkbox" name="gift"><input type="submit" name="go" value="Mua">
  <select name="unit"><option value="kg">kg</option><option value="g" selected>g</option></select>
  <textarea name="note"></textarea><button name="b" type="submit">Mua</button>
</form>
"""


def test_a_process_line_is_read_even_when_its_name_holds_spaces_and_parentheses():
    times = accounting.parse_stat("42 (a (b) c) S 7 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 12345")
    assert times.parent == 7
    assert times.cpu_ms == 200 * accounting.TICK_MS


def test_this_process_is_among_its_parents_children():
    assert os.getpid() in accounting.children(os.getppid())


def test_spent_counts_newborn_processes_whole_and_dead_ones_not():
    assert accounting.spent({1: 100.0, 2: 50.0}, {1: 130.0, 3: 20.0}) == 50.0


def test_cpu_is_added_and_divided():
    cost = (accounting.Cpu(10.0, 2.0) + accounting.Cpu(20.0, 4.0)).per(3)
    assert (cost.python_ms, cost.postgres_ms, cost.total_ms) == (10.0, 2.0, 12.0)


def test_a_missing_process_has_no_times():
    assert accounting.read_times(2**22 + 1) is None


def test_forms_are_read_as_a_browser_would_send_them():
    search, buy = parse_forms(PAGE)
    assert (search.method, search.action, search.fields) == ("get", "/search/", {"q": "gạo"})
    assert (buy.method, buy.action) == ("post", "/basket/add/7/")
    assert buy.fields == {"token": "a&b", "quantity": "1", "pay": "cash", "unit": "g", "note": ""}


def test_a_load_runs_every_turn_once_and_keeps_the_failures():
    def work(turn: int) -> int:
        if turn == 3:
            raise BenchError("no")
        return turn

    load = run_load(work, times=10, concurrency=4)
    assert (load.done, load.size, load.failures) == (9, 45 - 3, ["no"])


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (Figure("a", 25.0, ">=", 25), "bench a 25 >=25 ok"),
        (Figure("b", 2.004, "<=", 2), "bench b 2.00 <=2 short"),
        (Figure("c", None, ">=", 5), "bench c n/a >=5 short"),
    ],
)
def test_a_figure_says_whether_it_is_kept(figure, line):
    assert figure.line() == line


def test_a_table_lines_its_columns_up():
    assert table("T", ("page", "ms"), [("list", 8.04), ("x", 12.5)]).splitlines() == [
        "",
        "T",
        "page    ms",
        "----------",
        "list   8.0",
        "x     12.5",
    ]


def test_statements_and_writes_are_counted():
    counter = Counter()
    for statement in ("SELECT 1", " update t set a = 1", "INSERT INTO t VALUES (1)", "SAVEPOINT s"):
        assert counter(lambda *a: a[0], statement, (), False, {}) == statement
    assert (counter.statements, counter.writes) == (4, 2)


def test_nothing_is_counted_unless_asked():
    plain = count_queries(lambda request: {})(SimpleNamespace(headers={}))
    asked = count_queries(lambda request: {})(SimpleNamespace(headers={ASK: "1"}))
    assert (plain, asked) == ({}, {ANSWER: "0 0"})


def test_database_urls_become_settings():
    postgres = django_database("postgres://m%40n:p@127.0.0.1:5433/shop")
    assert (postgres["USER"], postgres["PASSWORD"], postgres["PORT"], postgres["NAME"]) == ("m@n", "p", "5433", "shop")
    assert django_database("sqlite:////tmp/a.sqlite3")["NAME"] == "/tmp/a.sqlite3"
    with pytest.raises(ValueError, match="mysql"):
        django_database("mysql://a/b")


def test_the_catalogue_is_the_same_each_time_and_reaches_every_seller_and_category():
    rows = list(data.products(10_000, 200))
    assert rows == list(data.products(10_000, 200))
    assert {row.partner for row in rows} == set(range(200))
    assert {row.category for row in rows} == set(range(60))
    assert len({row.slug for row in rows}) == 10_000
