"""Listing documents as the index has them, without the listings behind them."""

import random
import uuid

from django.utils import timezone

from search import tables
from search.models import INDEX_VERSION, IndexState, ListingDocument
from search.terms import Texts, document_terms

WORDS = [
    "miến",
    "dong",
    "hạt",
    "dẻ",
    "trùng",
    "khánh",
    "gạo",
    "nếp",
    "pì",
    "pất",
    "mật",
    "ong",
    "chè",
    "đắng",
    "lạp",
    "sườn",
    "thịt",
    "lợn",
    "đen",
    "măng",
    "khô",
    "mận",
]


def listing_document(listing: int, title: str = "Miến dong Phia Đén", **fields) -> ListingDocument:
    """Unsaved; its number is the listing's unless told otherwise."""
    return ListingDocument(
        **{
            "slot": listing,
            "listing_id": listing,
            "seq": listing,
            "terms": " ".join(sorted(document_terms(Texts(title=title)))),
            "category": 1,
            "commodity": 2,
            "commune": 3,
            "cooperative": 4,
            "price": 60_000,
            "quality": 500,
            "published": 1_700_000_000,
        }
        | fields
    )


def random_documents(count: int, seed: int = 5) -> list[ListingDocument]:
    chance = random.Random(seed)
    return [
        listing_document(
            number,
            " ".join(chance.sample(WORDS, 3)),
            category=chance.randint(1, 6),
            commune=chance.randint(1, 30),
            stars=chance.choice([0, 3, 4, 5]),
            certificates=chance.getrandbits(3),
            price=chance.randrange(5, 900) * 1000,
            season_months=chance.getrandbits(12),
            is_in_stock=chance.random() < 0.7,
            quality=chance.randint(0, 1000),
        )
        for number in range(1, count + 1)
    ]


def save_index(documents: list[ListingDocument]) -> IndexState:
    """The tables as indexing leaves them."""
    ListingDocument.objects.bulk_create(documents)
    tables.replace((document.slot, document.terms) for document in documents if not document.is_removed)
    IndexState.objects.all().delete()
    return IndexState.objects.create(
        generation=uuid.uuid4(),
        seq=max((document.seq for document in documents), default=0),
        version=INDEX_VERSION,
        built_at=timezone.now(),
    )


def change(listing: int, **fields) -> ListingDocument:
    """A document changes, and takes the next number."""
    state = IndexState.objects.get()
    state.seq += 1
    state.save(update_fields=["seq"])
    ListingDocument.objects.filter(listing_id=listing).update(seq=state.seq, **fields)
    return ListingDocument.objects.get(listing_id=listing)
