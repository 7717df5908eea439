import io
import re

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from vietnam_qr_pay import BanksObject

from marketplace.common.identifiers import new_identifier
from marketplace.order.placing import payment_reference
from marketplace.payment.providers.vietqr.banks import (
    BANKS,
    AccountNumberCharactersError,
    AccountNumberLengthError,
    BankUnknownError,
    bank_choices,
    get_bank,
    parse_account_number,
)
from marketplace.payment.providers.vietqr.payload import (
    MAXIMUM_AMOUNT,
    AmountNotTransferableError,
    MemoNotAllowedError,
    transfer_payload,
)
from marketplace.payment.providers.vietqr.picture import SIZE, code_png, code_svg

# Published: the first with VietQR's own description, the others with ACB's accounts in the library's documentation.
VACCINE_FUND = (
    "00020101021238560010A0000007270126000697041501121133666688880208QRIBFTTA"
    "53037045405790005802VN62220818Ung Ho Quy Vac Xin63043ACF"
)
WITH_AMOUNT = (
    "00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA"
    "5303704540410005802VN62150811Chuyen tien6304BBB8"
)


def crc16(text):
    """CRC-16/CCITT-FALSE bit by bit: written here, so that the library does not check itself."""
    register = 0xFFFF
    for byte in text.encode():
        register ^= byte << 8
        for _bit in range(8):
            register = ((register << 1) ^ 0x1021) & 0xFFFF if register & 0x8000 else (register << 1) & 0xFFFF
    return f"{register:04X}"


def fields(text):
    """The fields of an EMV text, by their number."""
    found = {}
    while text:
        length = int(text[2:4])
        found[text[:2]] = text[4 : 4 + length]
        assert len(found[text[:2]]) == length
        text = text[4 + length :]
    return found


def decoded(png):
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
    assert len(codes) == 1
    return codes[0].text


def drawn(svg, scale=6):
    """The SVG's modules as a picture: segno draws one path of horizontal strokes, which is read back here."""
    side = int(re.search(r'viewBox="0 0 (\d+) ', str(svg))[1])
    strokes = re.search(r'<path stroke="#000"[^>]* d="([^"]+)"', str(svg))[1]
    picture = Image.new("L", (side, side), 255)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", strokes):
        values = [float(value) for value in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            for step in range(int(values[0])):
                picture.putpixel((int(x) + step, int(y)), 0)
            x += values[0]
        else:
            x, y = values if command == "M" else (x + values[0], y + values[1])
    return picture.resize((side * scale, side * scale), Image.Resampling.NEAREST)


class TestPayload:
    def test_the_published_codes_are_reproduced_byte_for_byte(self):
        assert (
            transfer_payload(bank_bin="970415", account_number="113366668888", amount=79_000, memo="Ung Ho Quy Vac Xin")
            == VACCINE_FUND
        )
        assert (
            transfer_payload(bank_bin="970416", account_number="257678859", amount=1_000, memo="Chuyen tien")
            == WITH_AMOUNT
        )

    def test_without_an_amount_the_code_is_static_and_has_no_amount_field(self):
        found = fields(transfer_payload(bank_bin="970436", account_number="0011001234567", amount=None, memo="CLK1"))
        assert found["01"] == "11"
        assert "54" not in found

    @given(
        bank=st.sampled_from(BANKS),
        account=st.from_regex(r"[0-9A-Z]{6,19}", fullmatch=True),
        amount=st.integers(1, MAXIMUM_AMOUNT),
        memo=st.from_regex(r"[0-9A-Z]{1,25}", fullmatch=True),
    )
    def test_every_transfer_has_its_values_in_the_fields_and_the_right_check(self, bank, account, amount, memo):
        text = transfer_payload(bank_bin=bank.bin, account_number=account, amount=amount, memo=memo)
        assert text[-4:] == crc16(text[:-4])
        found = fields(text)
        assert (found["00"], found["01"], found["53"], found["58"]) == ("01", "12", "704", "VN")
        assert found["54"] == str(amount)
        assert fields(found["62"]) == {"08": memo}
        assert fields(found["38"]) == {
            "00": "A000000727",
            "01": f"0006{bank.bin}01{len(account):02d}{account}",
            "02": "QRIBFTTA",
        }

    @pytest.mark.parametrize("memo", ["", " ", "A" * 26, "Hoá đơn", "A-1", "A_1", "A\n1", " A", "A "])
    def test_a_text_that_banks_would_change_is_refused(self, memo):
        with pytest.raises(MemoNotAllowedError):
            transfer_payload(bank_bin="970436", account_number="0011001234567", amount=1_000, memo=memo)

    @pytest.mark.parametrize("amount", [0, -1, MAXIMUM_AMOUNT + 1])
    def test_an_amount_that_cannot_be_transferred_is_refused(self, amount):
        with pytest.raises(AmountNotTransferableError):
            transfer_payload(bank_bin="970436", account_number="0011001234567", amount=amount, memo="CLK1")

    def test_an_unknown_bank_is_refused(self):
        with pytest.raises(BankUnknownError, match="123456"):
            transfer_payload(bank_bin="123456", account_number="0011001234567", amount=1, memo="CLK1")


class TestPicture:
    PAYLOAD = transfer_payload(
        bank_bin="970405", account_number="8301205000123", amount=1_284_500, memo=payment_reference(new_identifier(10))
    )

    def test_the_png_decodes_to_the_payload(self):
        assert decoded(code_png(self.PAYLOAD)) == self.PAYLOAD
        assert decoded(code_png(VACCINE_FUND)) == VACCINE_FUND

    def test_the_svg_decodes_to_the_payload(self):
        codes = zxingcpp.read_barcodes(drawn(code_svg(self.PAYLOAD, title="QR")))
        assert [code.text for code in codes] == [self.PAYLOAD]

    def test_the_svg_is_named_escaped_and_fits_a_phone(self):
        svg = code_svg(self.PAYLOAD, title="<b>Mã & QR</b>")
        assert svg.startswith("<svg ")
        assert 'role="img"' in svg
        assert "<title>&lt;b&gt;Mã &amp; QR&lt;/b&gt;</title>" in svg
        assert f'width="{SIZE}"' in svg
        assert SIZE <= 390 - 2 * 24
        assert "style=" not in svg

    def test_a_code_survives_a_photo_that_is_small(self):
        small = (
            Image.open(io.BytesIO(code_png(self.PAYLOAD))).convert("L").resize((200, 200), Image.Resampling.BILINEAR)
        )
        assert [code.text for code in zxingcpp.read_barcodes(small)] == [self.PAYLOAD]


class TestBanks:
    def test_the_numbers_agree_with_the_librarys_list(self):
        known = {bank.bin for bank in BanksObject.values()}
        assert {bank.bin for bank in BANKS} <= known

    def test_the_numbers_are_unique_and_of_six_digits(self):
        assert len({bank.bin for bank in BANKS}) == len(BANKS)
        assert all(re.fullmatch(r"\d{6}", bank.bin) for bank in BANKS)

    @pytest.mark.parametrize(
        ("short_name", "number"),
        [
            ("Vietcombank", "970436"),
            ("VietinBank", "970415"),
            ("BIDV", "970418"),
            ("Agribank", "970405"),
            ("MB", "970422"),
            ("Techcombank", "970407"),
        ],
    )
    def test_the_big_banks_have_their_published_numbers(self, short_name, number):
        assert get_bank(number).short_name == short_name
        assert bank_choices()[0][0] == "970405"

    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            (" 8301 2050 00123 ", "8301205000123"),
            ("19.0350.1234", "1903501234"),
            ("99mm24011m34875080", "99MM24011M34875080"),
            ("１２３４５６", "123456"),
        ],
    )
    def test_an_account_number_is_read_as_people_write_it(self, typed, stored):
        assert parse_account_number(typed) == stored

    @pytest.mark.parametrize("typed", ["", "12345", "1" * 20])
    def test_a_number_of_another_length_is_refused(self, typed):
        with pytest.raises(AccountNumberLengthError):
            parse_account_number(typed)

    @pytest.mark.parametrize("typed", ["12345678₫", "tài khoản", "123456/7", "१२३४५६", "123456<"])
    def test_other_characters_are_refused(self, typed):
        with pytest.raises(AccountNumberCharactersError):
            parse_account_number(typed)
