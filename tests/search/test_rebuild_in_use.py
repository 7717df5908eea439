"""Making the index anew while people search and while run_due takes changes in."""

import threading
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Product
from search import engines, finding
from search.indexing import refresh_index
from search.query import ListingQuery
from search.rebuilding import rebuild
from search.verifying import verify
from tests.factories.listings import ListingFactory


@pytest.mark.django_db(transaction=True)
def test_searches_go_on_while_the_index_is_made_anew():
    first = ListingFactory(title="Gạo nếp")
    place = {name: getattr(first, name) for name in ("cooperative", "commune", "commodity", "category", "origin_unit")}
    listings = [first, *(ListingFactory(title=f"Gạo nếp {number}", **place) for number in range(29))]
    rebuild(now=timezone.now())
    is_over, seen = threading.Event(), Counter()

    def again_and_again(work):
        while not is_over.wait(0.02):
            try:
                seen[work()] += 1
            except Exception as error:  # noqa: BLE001 - the test names whatever it was
                seen[repr(error)] += 1
        connection.close()

    def search():
        found = finding.find(ListingQuery(text="gao nep"), backend=engines.current(), now=timezone.now())
        return found.results.total, len(found.results.ids), bool(finding.suggest("gao n", engines.current()))

    def refresh():
        return refresh_index(now=timezone.now()) >= 0

    threads = [threading.Thread(target=again_and_again, args=(work,)) for work in (search, search, refresh)]
    for thread in threads:
        thread.start()
    for number in range(3):
        Product.objects.filter(pk=listings[number].pk).update(description=f"Mới {number}")
        rebuild(now=timezone.now())
    is_over.set()
    for thread in threads:
        thread.join(timeout=60)
    assert set(seen) == {(30, 24, True), True}
    refresh_index(now=timezone.now())
    assert verify(now=timezone.now()).is_clean
