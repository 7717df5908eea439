"""search_index rebuild | status | verify [--repair]."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.models import Product
from search import tables
from search.models import IndexChange, IndexedWord, IndexState, ListingDocument, NamedEntry
from tests.factories.listings import ListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def listings():
    made = [ListingFactory(title=title) for title in ("Lê vàng", "Mận máu", "Hạt dẻ")]
    call_command("search_index", "rebuild")
    return made


def run(capsys, *arguments: str) -> tuple[str, int]:
    """What the command printed, and its status."""
    capsys.readouterr()
    status = 0
    try:
        call_command("search_index", *arguments)
    except SystemExit as ended:
        status = int(ended.code or 0)
    return capsys.readouterr().out, status


def indexed(listing) -> ListingDocument:
    return ListingDocument.objects.get(listing_id=listing.pk)


def test_rebuild_says_how_far_it_is(listings, capsys):
    printed, status = run(capsys, "rebuild")
    assert printed.startswith("  3\nlistings: 3, names: ")
    assert status == 0
    assert run(capsys, "rebuild", "--clear")[0] == printed


def test_status_names_what_is_pending(listings, capsys):
    Product.objects.filter(pk=listings[0].pk).update(price_per_unit=1_000)
    printed, status = run(capsys, "status")
    assert status == 0
    assert "usable: yes" in printed
    assert "backlog: 1, the oldest " in printed
    assert "listings: 3," in printed


def test_status_of_an_index_that_was_never_built(capsys):
    assert "usable: no" in run(capsys, "status")[0]


def test_verify_finds_nothing_where_triggers_have_done_their_work(listings, capsys):
    Product.objects.filter(pk=listings[0].pk).update(title="Lê xanh")
    Product.objects.filter(pk=listings[1].pk).delete()
    ListingFactory(title="Ổi")
    printed, status = run(capsys, "verify")
    assert "missing: 0, surplus: 0, different: 0, names: 0, words: 0" in printed
    assert status == 0


def spoil(listings) -> None:
    """A document too few, one too many, wrong facts, wrong terms, and wrong words and names."""
    missing, other, hidden = listings
    tables.remove([indexed(missing).slot])
    ListingDocument.objects.filter(listing_id=missing.pk).delete()
    ListingDocument.objects.filter(listing_id=other.pk).update(price=1)
    Product.objects.filter(pk=hidden.pk).update(is_public=False)
    IndexChange.objects.all().delete()
    tables.replace([(indexed(other).slot, "nothing"), (77, "of nobody")])
    NamedEntry.objects.filter(kind="commune").update(label="?")
    IndexedWord.objects.filter(word="vang").update(documents=9)


def test_verify_finds_what_is_wrong_and_ends_with_status_1(listings, capsys):
    spoil(listings)
    printed, status = run(capsys, "verify")
    assert "missing: 1, surplus: 2, different: 1" in printed
    assert "names: 0" not in printed
    assert status == 1
    assert indexed(listings[1]).price == 1


def test_repair_leaves_nothing_to_find(listings, capsys):
    spoil(listings)
    assert run(capsys, "verify", "--repair")[1] == 0
    printed, status = run(capsys, "verify")
    assert "missing: 0, surplus: 0, different: 0, names: 0, words: 0" in printed
    assert status == 0
    assert indexed(listings[1]).price == listings[1].price_per_unit
    assert tables.match(["le"]).slots.tolist() == [indexed(listings[0]).slot]
    assert 77 not in tables.held()
    assert IndexedWord.objects.get(word="vang").documents == 1


SPOIL = {
    "sqlite": "UPDATE search_terms_content SET c0 = 'other' WHERE id = %s",
    "postgresql": "UPDATE search_terms SET terms = array_to_tsvector('{other}') WHERE slot = %s",
}


def test_text_tables_that_are_out_of_order_are_made_anew(listings, capsys):
    with connection.cursor() as cursor:
        cursor.execute(SPOIL[connection.vendor], [indexed(listings[0]).slot])
    assert run(capsys, "verify")[1] == 1
    run(capsys, "verify", "--repair")
    assert run(capsys, "verify")[1] == 0


def test_an_index_of_another_version_is_not_verified(listings):
    IndexState.objects.update(version=0)
    with pytest.raises(CommandError):
        call_command("search_index", "verify")
