"""Documents for the contract: a thousand by chance, always the same ones, and what is at the edge."""

import random
from functools import cache
from itertools import product

from search.models import ListingDocument
from search.query import PRICE_BANDS
from search.terms import Texts, document_terms

GOODS = (
    "Miến dong",
    "Hạt dẻ",
    "Mận máu",
    "Gạo nếp",
    "Gạo tẻ",
    "Lạp sườn",
    "Thịt hun khói",
    "Mật ong",
    "Chè xanh",
    "Trúc sào",
    "Lê vàng",
    "Quýt",
    "Hòa bình",
    "Rau dạ hiến",
    "Măng khô",
    "Bí thơm",
)
MANNERS = ("", "đặc sản", "sạch", "khô", "tươi", "loại 1", "1,5 kg", "hộp quà", "rừng", "nương")
PLACES = ("Phia Đén", "Trùng Khánh", "Thạch An", "Nguyên Bình", "Bảo Lạc", "Đàm Thủy", "Thông Nông", "Hòa An")
MAKERS = ("HTX Tân Việt Á", "HTX Nông nghiệp xanh", "HTX Mật ong Hòa An", "HTX Trường Anh", "HTX Miến dong Phia Đén")
OTHERS = ("bánh đa", "mien dog", "mắc cọp", "khẩu nua", "slan", "cao nguyên")

CENTURY = 1_700_000_000


def document(listing_id: int, title: str = "Miến dong", **values) -> ListingDocument:
    """A listing; `place`, `maker`, `goods` and `rest` are texts, everything else is as in the model."""
    texts = {name: (values.pop(name),) for name in ("place", "maker", "goods", "rest") if name in values}
    terms = " ".join(sorted(document_terms(Texts(title=title, **texts))))
    return ListingDocument(listing_id=listing_id, terms=terms, **{"seq": listing_id, "published": CENTURY} | values)


def thousand() -> list[ListingDocument]:
    return [ListingDocument(**values) for values in _thousand()]


@cache
def _thousand() -> list[dict]:
    chance = random.Random(5)
    documents = [_by_chance(chance, number) for number in range(1, 961)] + _at_the_edge(961)
    chance.shuffle(documents)
    for seq, one in enumerate(documents, start=1):
        one.seq = seq
    return [{field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields} for one in documents]


def _by_chance(chance: random.Random, listing_id: int) -> ListingDocument:
    good, place, maker = (chance.randrange(len(texts)) for texts in (GOODS, PLACES, MAKERS))
    title = " ".join(filter(None, [GOODS[good], chance.choice(MANNERS), chance.choice(("", "", PLACES[place]))]))
    return document(
        listing_id,
        title,
        place=PLACES[place],
        maker=MAKERS[maker],
        goods=f"{GOODS[good]} {chance.choice(OTHERS)}",
        rest=" ".join(chance.choices(GOODS + MANNERS + OTHERS, k=4)),
        category=chance.choice((0, 3, 4, 5, 71)),
        commodity=100 + good,
        commune=chance.choice((0, 1273 + place, 2_000_000_011)),
        cooperative=maker + 1,
        stars=chance.choice((0, 0, 3, 4, 5)),
        certificates=chance.choice((0, 0, 0b1, 0b10, 0b101, 0b11000, 1 << 30)),
        price=chance.choice((1000, 45_000, 49_999, 50_000, 120_000, 200_000, 499_999, 500_000, 3_000_000_000)),
        season_months=chance.choice((0, 0xFFF, 0b1, 0b11 << 7, 1 << 11)),
        is_in_stock=chance.random() < 0.7,
        # Few values, so that many are equal and the next key decides.
        quality=chance.choice((0, 200, 200, 700, 1000)),
        published=CENTURY + chance.randrange(20),
    )


def _at_the_edge(first: int) -> list[ListingDocument]:
    titles = (
        "mận",
        "mắn",
        "man",
        "Mận",
        "Đ",
        "1,5",
        "1.000",
        "a b",
        "b a",
        "quý",
        "quí",
        "hoà",
        "hòa",
        "miến dong miến",
    )
    ends = (0, *(price + beside for price, beside in product(PRICE_BANDS, (-1, 0, 1))))
    return [document(first + at, title) for at, title in enumerate(titles)] + [
        document(first + len(titles) + at, "giá", price=price, published=0) for at, price in enumerate(ends)
    ]
