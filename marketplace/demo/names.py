"""Invented names, phone numbers and addresses. Numbers 0912 000 xxx stand for nobody."""

from random import Random

FAMILY = ("Nông", "Hoàng", "Lý", "Triệu", "Đàm", "Bế", "Hà", "Lương", "Mã", "Dương", "Vi", "Ma", "Nguyễn", "Trần", "Phạm",
          "Lê", "Vũ", "Đặng", "Bùi", "Đỗ")  # fmt: skip
FEMALE = ("Thị Hoa", "Thị Mai", "Thị Lan", "Thị Hằng", "Thị Thắm", "Thị Nga", "Thị Bích", "Thu Hà", "Ngọc Ánh", "Minh Thư",
          "Thị Dung", "Thanh Huyền", "Thị Liên", "Hồng Nhung", "Thị Sao")  # fmt: skip
MALE = ("Văn Thắng", "Văn Hùng", "Đức Long", "Quang Huy", "Minh Tuấn", "Văn Bảo", "Xuân Trường", "Văn Lập", "Hữu Phúc",
        "Văn Sơn", "Trọng Nghĩa", "Thế Anh", "Văn Toàn", "Anh Dũng", "Văn Kiên")  # fmt: skip
STREETS = ("ngõ 12 phố Vọng", "tổ 5 đường Hoàng Văn Thụ", "khu tập thể Đường sắt", "ngách 8 ngõ 102 Trường Chinh",
           "xóm Nà Lắc", "tổ 3 đường Pác Bó", "chung cư Hòa Bình, tầng 7", "đường Lê Lợi", "phố Kim Đồng", "thôn Bản Giới")  # fmt: skip


def person(rng: Random, *, is_woman: bool | None = None) -> str:
    """Return an invented full name."""
    woman = rng.random() < 0.55 if is_woman is None else is_woman
    return f"{rng.choice(FAMILY)} {rng.choice(FEMALE if woman else MALE)}"


def phone(number: int) -> str:
    """Return the demo's phone number of that rank, as E.164."""
    return f"+84912000{number:03d}"


def address(rng: Random) -> str:
    """Return an invented house in an invented street."""
    return f"Số {rng.randint(1, 180)}, {rng.choice(STREETS)}"


def tax_code(rank: int) -> str:
    """Return a ten-digit tax code of Cao Bằng with a right check digit."""
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    serial = rank * 37
    while True:
        digits = f"48{9_100_000 + serial:07d}"
        check = 10 - sum(int(c) * w for c, w in zip(digits, weights, strict=True)) % 11
        if 0 <= check <= 9:
            return f"{digits}{check}"
        serial += 1
