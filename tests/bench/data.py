"""The catalogue that every site of the benchmark is loaded with: the same products, sellers and places, from no random source."""

from collections.abc import Iterator
from dataclasses import dataclass

STOCK = 1_000_000
KINDS_OF_A_ROOT = 6

_GOODS = (
    "Hạt dẻ Trùng Khánh", "Miến dong Phia Đén", "Gạo nếp Hương Bảo Lạc", "Lê vàng Cao Bằng", "Thạch đen Thạch An",
    "Chè xanh Phia Đén", "Lạp sườn hun khói", "Mật ong bạc hà", "Quýt Trà Lĩnh", "Nấm hương rừng",
)  # fmt: skip
_KINDS = (
    "loại một",
    "loại hai",
    "đóng gói",
    "theo cân",
    "vụ mới",
    "sấy khô",
    "hữu cơ",
    "OCOP 3 sao",
    "OCOP 4 sao",
    "hộp quà",
)
_ROOT_NAMES = ("Hạt", "Miến", "Gạo", "Quả", "Thạch", "Chè", "Thịt", "Mật ong", "Rau", "Nấm")
_DESCRIPTION = (
    "Sản phẩm của hợp tác xã, trồng và chế biến tại địa phương theo quy trình an toàn. Thu hoạch đúng mùa, đóng gói trong ngày, "
    "bảo quản nơi khô ráo, thoáng mát, tránh ánh nắng trực tiếp. Hạn dùng và khối lượng tịnh được ghi trên bao bì."
)


@dataclass(frozen=True, slots=True)
class Product:
    index: int
    title: str
    slug: str
    description: str
    price: int
    partner: int
    category: int


def categories() -> list[tuple[str, str]]:
    """The 60 categories, all on one level, each with the group of goods that it belongs to."""
    return [(f"{root} nhóm {n}", root) for root in _ROOT_NAMES for n in range(1, KINDS_OF_A_ROOT + 1)]


def partner_name(index: int) -> str:
    return f"HTX Nông nghiệp số {index + 1}"


def products(count: int, partners: int) -> Iterator[Product]:
    """Products 0 to count-1, each of one of `partners` sellers and of one of the categories; prices are whole đồng."""
    kinds = len(categories())
    for i in range(count):
        yield Product(
            index=i,
            title=f"{_GOODS[i % 10]} {_KINDS[i // 10 % 10]} {i + 1}",
            slug=f"san-pham-{i + 1}",
            description=_DESCRIPTION,
            price=20_000 + i * 7 % 480 * 1_000,
            partner=i % partners,
            category=(i * 7 + i // kinds) % kinds,
        )
