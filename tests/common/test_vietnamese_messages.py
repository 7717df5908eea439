"""The sentences that the domain prescribes, as people read them."""

import pytest
from django.utils.translation import override

from marketplace.common.errors import DomainError
from marketplace.common.images import ImageTooHeavyError
from marketplace.common.money import parse_vnd
from marketplace.common.phones import parse_phone
from marketplace.common.quantities import SaleUnit, format_quantity, parse_quantity


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: parse_vnd("1,5"), "Giá phải là số tiền chẵn, tính bằng đồng."),
        (lambda: parse_vnd("2.000.000.001"), "Số tiền không được vượt quá 2.000.000.000\u00a0₫."),
        (lambda: parse_phone("12"), "Số điện thoại chưa đúng. Ví dụ: 0912 345 678."),
        (lambda: parse_phone("01234567890"), "Số 11 chữ số đã đổi từ năm 2018, hãy nhập số 10 chữ số."),
        (lambda: parse_quantity("1,5", "animal"), "Mặt hàng này bán nguyên con: hãy nhập số không có phần lẻ."),
        (lambda: parse_quantity("1.000"), "“1.000” có thể hiểu theo hai cách. Hãy nhập 1000 hoặc 1,000."),
    ],
)
def test_a_refusal_speaks_vietnamese(refused, sentence):
    with override("vi"), pytest.raises(DomainError) as refusal:
        refused()
    with override("vi"):
        assert str(refusal.value) == sentence


def test_units_are_vietnamese_words():
    with override("vi"):
        assert format_quantity(2, SaleUnit.ANIMAL) == "2 con"
        assert format_quantity(3, SaleUnit.BUNDLE) == "3 bó"
        assert str(ImageTooHeavyError(megabytes=8)) == "Ảnh lớn hơn 8 MB."


def test_an_error_is_translated_when_it_is_read_and_not_when_it_is_raised():
    with override("vi"), pytest.raises(DomainError) as refusal:
        parse_phone("12")
    with override("en"):
        assert str(refusal.value) == "This phone number is not right. Example: 0912 345 678."
