"""Documents for the search to be measured with: listings in all but the listing, with hit lists as long as a big shop's."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from search.models import ListingDocument
from search.terms import Texts, document_terms

# Out of 100,000 listings the first stands in the title of about 31,000, the second of 5,300, the third of 330.
BROAD, MEDIUM, NARROW = "hạt dẻ", "gạo nếp", "mật ong"
_SHARES = ((BROAD, 0.31), (MEDIUM, 0.363), (NARROW, 0.3663))
_GOODS = (
    "Miến dong",
    "Lê vàng",
    "Thạch đen",
    "Chè xanh",
    "Lạp sườn",
    "Quýt vàng",
    "Nấm hương",
    "Lạc đỏ",
    "Gừng trâu",
    "Hoa hồi",
)
_KINDS = (
    "loại một",
    "loại hai",
    "đóng gói",
    "theo cân",
    "vụ mới",
    "sấy khô",
    "hữu cơ",
    "nguyên chất",
    "túi lưới",
    "hộp quà",
)
_SYLLABLES = ("Trùng", "Khánh", "Phia", "Đén", "Bảo", "Lạc", "Đông", "Khê", "Nguyên", "Bình", "Hà", "Quảng", "Hòa", "An",
              "Phục", "Quang", "Thành", "Minh", "Tâm", "Long")  # fmt: skip
_REST = "trồng và chế biến tại địa phương theo quy trình an toàn thu hoạch đúng mùa đóng gói trong ngày giao tận nhà"
COMMUNES, COOPERATIVES, COMMODITIES, CATEGORIES = 160, 2_000, 120, 40


def documents(count: int) -> Iterator[ListingDocument]:
    """So many documents, the same at every run, in slots from 1."""
    random = Random("search")
    names = [f"{first} {second}" for first, second in pairwise(_SYLLABLES * 9)][:COMMUNES]
    for slot in range(1, count + 1):
        commune, cooperative = random.randrange(COMMUNES), random.randrange(COOPERATIVES)
        price = random.randrange(15, 900) * 1_000
        texts = Texts(
            title=f"{_goods(random)} {names[commune]} {random.choice(_KINDS)}",
            place=(f"Xã {names[commune]}", "Tỉnh Cao Bằng"),
            maker=(f"Hợp tác xã {names[cooperative % COMMUNES]} {cooperative}",),
            rest=(_REST,),
        )
        yield ListingDocument(
            slot=slot,
            listing_id=slot,
            seq=slot,
            terms=" ".join(sorted(document_terms(texts))),
            category=1 + random.randrange(CATEGORIES),
            commodity=1 + random.randrange(COMMODITIES),
            commune=1 + commune,
            cooperative=1 + cooperative,
            stars=random.choice((0, 0, 0, 3, 4)),
            certificates=random.choice((0, 0, 1, 2, 5)),
            price=price,
            season_months=random.randrange(1, 4096),
            is_in_stock=random.random() < 0.8,
            quality=random.randrange(1000),
            published=1_700_000_000 + slot,
        )


def _goods(random: Random) -> str:
    chance = random.random()
    return next((goods for goods, share in _SHARES if chance < share), random.choice(_GOODS))
