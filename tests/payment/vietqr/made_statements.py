"""Statements as five banks export them, made at random but the same for a seed, with the truth of every row beside it.

A row is made in three steps: what the buyer's phone sends (the reference, right or wrong), what the sending bank makes of
it (text before and behind, wrapped, cut, lower-cased, its spaces dropped), and how the receiving bank prints it.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from openpyxl import Workbook

from marketplace.common.identifiers import ALPHABET, new_identifier
from marketplace.order.placing import payment_reference
from marketplace.payment.providers.vietqr.references import Payable

PEOPLE = (
    "NONG THI HOA",
    "HOANG VAN DUC",
    "LY A PAO",
    "DAM THUY LINH",
    "TRAN QUOC BAO",
    "NGUYEN NGOC CLK",
    "BE ICH LOI",
)

# Characters after which a bank's own systems drop the rest.
WIDTHS = (30, 35, 50, 70)


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A row and its truth: `pays` is the parcel that it pays in full, as a careful clerk would see it."""

    day: date
    amount: int
    memo: str
    bank_reference: str
    payer: str
    kind: str
    pays: str = ""
    meant: str = ""


@dataclass(slots=True)
class MadeStatement:
    layout: str
    name: str
    content: bytes
    rows: list[MadeRow]
    known: dict[str, Payable]


def dots(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


def commas(amount: int) -> str:
    return f"{amount:,}"


def commas_and_cents(amount: int) -> str:
    return f"{amount:,}.00"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a bank prints: lines above, names of columns, a row, and lines below."""

    above: Sequence[Sequence[str]]
    names: Sequence[str]
    row: Callable[[int, MadeRow], Sequence[object]]
    below: Sequence[Sequence[str]] = ()
    encodings: Sequence[str] = ("utf-8-sig", "utf-8")
    delimiters: Sequence[str] = (",", ";", "\t")


def sides(amount: int, write: Callable[[int], str], empty: str = "") -> tuple[str, str]:
    """Debit and credit."""
    return (write(-amount), empty) if amount < 0 else (empty, write(amount))


LAYOUTS = {
    "vietcombank": Layout(
        above=[
            ["NGÂN HÀNG TMCP NGOẠI THƯƠNG VIỆT NAM"],
            ["SAO KÊ TÀI KHOẢN", "", "", "", "", ""],
            ["Số tài khoản", "0011004567890", "", "Loại tiền", "VND", ""],
            ["Số dư đầu kỳ", "1,284,500.00"],
            [],
        ],
        names=[
            "STT\nNo.", "Ngày giao dịch\nTNX Date/ Số CT\nDoc No", "Số tiền ghi nợ\nDebit", "Số tiền ghi có\nCredit",
            "Số dư\nBalance", "Nội dung chi tiết\nTransactions in detail",
        ],
        row=lambda number, row: [
            number, f"{row.day:%d/%m/%Y}\n{row.bank_reference}", *sides(row.amount, commas, "0"), "9,999,999", row.memo,
        ],
        below=[["", "Tổng số", "1,000", "2,000", "", ""], ["", "", "", "", "", "Cảm ơn Quý khách"]],
    ),
    "vietinbank": Layout(
        above=[["LỊCH SỬ GIAO DỊCH"], ["Tên tài khoản: HTX NÔNG SẢN"], []],
        names=[
            "STT", "Ngày giao dịch", "Mô tả giao dịch", "Nợ", "Có", "Số dư tài khoản", "Mã giao dịch", "Số tài khoản đối ứng",
            "Tên tài khoản đối ứng",
        ],
        row=lambda number, row: [
            number, f"{row.day:%d-%m-%Y} 08:15:59", row.memo, *sides(row.amount, dots), "12.000.000", row.bank_reference,
            "101010101010", row.payer,
        ],
        below=[["", "", "Cộng phát sinh", "1.000", "2.000", "", "", "", ""]],
        encodings=("utf-8-sig", "utf-16"),
    ),
    "bidv": Layout(
        above=[["Ngân hàng TMCP Đầu tư và Phát triển Việt Nam - BIDV"], ["Từ ngày 01/10/2026 đến ngày 31/10/2026"]],
        names=["Ngày giao dịch", "Số tham chiếu", "Số tiền", "Loại tiền", "Số dư", "Nội dung"],
        row=lambda _number, row: [
            f"{row.day:%d/%m/%Y} 10:20", row.bank_reference, f"{row.amount:+,}", "VND", "5,000,000", row.memo,
        ],
    ),
    "agribank": Layout(
        above=[["AGRIBANK"], ["Chi nhánh tỉnh Cao Bằng"], ["Sao kê tài khoản 8301205000123"], [], ["", "", "Đơn vị: đồng"]],
        names=["Ngày hạch toán", "Ngày hiệu lực", "Ghi nợ", "Ghi có", "Số dư sau giao dịch", "Diễn giải"],
        row=lambda _number, row: [
            f"{row.day:%d/%m/%Y}", f"{row.day:%d/%m/%Y}", *sides(row.amount, commas_and_cents), "1,000.00", row.memo,
        ],
        below=[["Số dư cuối kỳ", "", "", "", "9,000.00", ""]],
        encodings=("utf-8", "cp1258"),
    ),
    "mb": Layout(
        above=[["MB - Ngân hàng Quân đội"], []],
        names=[
            "STT/ No", "Ngày hạch toán/ Posting date", "Ngày giao dịch/ Transaction date", "Số bút toán/ Transaction No",
            "Phát sinh nợ/ Debit", "Phát sinh có/ Credit", "Số dư/ Balance", "Nội dung/ Details",
            "Đơn vị thụ hưởng/Đơn vị chuyển/ Beneficiary/Ordering", "Ngân hàng đối tác/ Partner bank",
        ],
        row=lambda number, row: [
            number, f"{row.day:%d/%m/%Y}", f"{row.day:%d/%m/%Y} 23:59:01", row.bank_reference, *sides(row.amount, commas, "0"),
            "7,000,000", row.memo, row.payer, "970405",
        ],
    ),
}  # fmt: skip


@dataclass(slots=True)
class Maker:
    """One cooperative's parcels and a statement of its account."""

    seed: int
    rows_wanted: int = 40
    rng: Random = field(init=False)
    known: dict[str, Payable] = field(default_factory=dict)
    rows: list[MadeRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)

    def statement(self, layout: str) -> MadeStatement:
        kinds = [*["right"] * 24, "typing error", "one dong off", "wrong sum", "two references", "paid", "cancelled",
                 "stranger's", "nothing", "nothing", "outgoing", "outgoing with reference", "near miss", "twice"]  # fmt: skip
        while len(self.rows) < self.rows_wanted:
            self.add(self.rng.choice(kinds))
        name, content = self.written(LAYOUTS[layout])
        return MadeStatement(layout, name, content, self.rows, self.known)

    def parcel(self, **changes: object) -> Payable:
        payable = Payable(
            payment_reference(new_identifier(10, self.rng)),
            self.rng.choice([27_000, 60_000, 125_000, self.rng.randrange(20_000, 3_000_000)]),
            buyer=self.rng.choice(PEOPLE),
        )
        payable = Payable(**{"reference": payable.reference, "due": payable.due, "buyer": payable.buyer} | changes)
        self.known[payable.reference] = payable
        return payable

    def add(self, kind: str) -> None:  # noqa: C901 - a list of the kinds
        rng, parcel = self.rng, self.parcel()
        reference, amount, pays, meant = parcel.reference, parcel.due, "", parcel.reference
        if kind == "right":
            pays = reference
        elif kind == "typing error":
            reference = self.with_wrong_character(reference)
        elif kind == "near miss":
            # As long as a reference and one character from one, with an amount that another parcel costs.
            other = self.parcel(due=amount)
            reference, meant = self.with_wrong_character(other.reference), other.reference
        elif kind == "one dong off":
            amount += rng.choice([-1, 1])
        elif kind == "wrong sum":
            amount += rng.choice([-10_000, 10_000, amount, 500])
        elif kind == "two references":
            other = self.parcel(due=rng.choice([amount, 45_000]))
            amount = rng.choice([amount, amount + other.due])
            reference += rng.choice(["", " ", " va "]) + other.reference
        elif kind == "paid":
            self.parcel(reference=reference, due=0)
        elif kind == "cancelled":
            self.parcel(reference=reference, due=0, is_cancelled=True)
        elif kind == "stranger's":
            reference = payment_reference(new_identifier(10, rng))
        elif kind == "nothing":
            reference = rng.choice(
                ["TIEN HANG", "Chuyen tien", "", "CLK", f"CLK {rng.randrange(10**9)}", "tra tien rau"]
            )
        elif kind in {"outgoing", "outgoing with reference"}:
            amount = -amount
            reference = reference if kind != "outgoing" else "Tra tien van chuyen"
        row = MadeRow(
            day=date(2026, 10, 1) + timedelta(days=len(self.rows) * 30 // self.rows_wanted),
            amount=amount,
            # Where the bank cuts the second of two off to the last trace, nothing tells that there were two.
            memo=self.mangled(reference, parcel.buyer, may_cut=kind != "two references" or amount != parcel.due),
            bank_reference=f"FT{rng.randrange(10**13):013d}",
            payer=parcel.buyer,
            kind=kind,
            pays=pays,
            meant=meant,
        )
        self.rows.append(row)
        if kind == "twice":
            self.rows[-1] = MadeRow(**{name: getattr(row, name) for name in row.__slots__} | {"pays": reference})
            self.rows.append(row)

    def with_wrong_character(self, reference: str) -> str:
        place = self.rng.randrange(3, len(reference))
        others = [character for character in ALPHABET.upper() if character != reference[place]]
        return reference[:place] + self.rng.choice(others) + reference[place + 1 :]

    def mangled(self, reference: str, buyer: str, *, may_cut: bool) -> str:
        """What the sending bank makes of the buyer's text."""
        rng = self.rng
        memo = rng.choice(
            [
                "{ref}",
                "{ref}",
                "{buyer} chuyen tien {ref}",
                "MBVCB.{n}.{ref}.CT tu 0351000646393 {buyer} toi 8301205000123 HTX NONG SAN",
                "{ref} FT26{n}",
                "IBFT {ref}; tai Napas; {n}",
                "ND {ref} -CTLNHIDI{n}-{buyer}",
                "{ref}-{n}-{ref}",
                "Thanh toán đơn hàng {ref} cảm ơn",
                "020097{n}{ref}{n}",
            ]
        ).format(ref=reference, buyer=buyer, n=rng.randrange(10**9))
        if rng.random() < 0.25:
            memo = memo.lower()
        if rng.random() < 0.2:
            memo = "".join(memo.split())
        if rng.random() < 0.3:
            width = rng.randrange(7, 36)
            memo = rng.choice([" ", "\n", "\r\n", "- "]).join(
                memo[start : start + width] for start in range(0, len(memo), width)
            )
        if may_cut and rng.random() < 0.3:
            memo = memo[: rng.choice(WIDTHS)]
        return memo

    def written(self, layout: Layout) -> tuple[str, bytes]:
        lines = [*layout.above, layout.names]
        lines += [layout.row(number, row) for number, row in enumerate(self.rows, start=1)]
        lines += layout.below
        if self.rng.random() < 0.3:
            return "saoke.xlsx", workbook(lines)
        encoding, delimiter = self.rng.choice(layout.encodings), self.rng.choice(layout.delimiters)
        return f"saoke-{encoding}.csv", text_file(lines, encoding, delimiter)


def workbook(lines: Sequence[Sequence[object]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sao kê")
    for line in lines:
        sheet.append(list(line))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def text_file(lines: Sequence[Sequence[object]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(lines)
    return decomposed_tones(text.getvalue(), encoding).encode(encoding)


def decomposed_tones(text: str, encoding: str) -> str:
    """The old code page of Windows has vowels in one piece and the tones as marks behind them."""
    if encoding != "cp1258":
        return text
    pieces = []
    for character in text:
        try:
            character.encode(encoding)
            pieces.append(character)
        except UnicodeEncodeError:
            whole = unicodedata.normalize("NFD", character)
            tone = next(mark for mark in whole if mark in "\u0300\u0301\u0303\u0309\u0323")
            pieces.append(unicodedata.normalize("NFC", whole.replace(tone, "")) + tone)
    return "".join(pieces)


def made_statement(seed: int, rows: int = 40) -> MadeStatement:
    return Maker(seed, rows).statement(list(LAYOUTS)[seed % len(LAYOUTS)])
