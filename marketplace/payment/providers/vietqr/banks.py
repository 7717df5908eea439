"""The banks that a transfer can go to, as data, and the numbers of accounts.

The six digits are the banks' identification numbers (BIN) in NAPAS 247, as NAPAS's members' list and the public list of
VietQR (api.vietqr.io/v2/banks) give them; a test compares them with the list in the library `vietnam-qr-pay`. A bank that
changes its name keeps its number: change the name here.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015]+")
_ACCOUNT = re.compile(r"[0-9A-Z]{6,19}")
_CHARACTERS = re.compile(r"[0-9A-Z]*")


@dataclass(frozen=True, slots=True)
class Bank:
    bin: str
    short_name: str
    name: str


class BankUnknownError(DomainError):
    code = "bank_unknown"
    message = _("“%(bin)s” is not the number of a bank we know.")


class AccountNumberError(DomainError):
    code = "account_number"


class AccountNumberLengthError(AccountNumberError):
    code = "account_number_length"
    message = _("An account number has 6 to 19 characters; this one has %(length)s.")


class AccountNumberCharactersError(AccountNumberError):
    code = "account_number_characters"
    message = _("An account number has only digits and letters without marks.")


# The five of which most farmers and cooperatives have accounts come first, then by name.
BANKS = (
    Bank("970405", "Agribank", "Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam"),
    Bank("970436", "Vietcombank", "Ngân hàng TMCP Ngoại thương Việt Nam"),
    Bank("970415", "VietinBank", "Ngân hàng TMCP Công thương Việt Nam"),
    Bank("970418", "BIDV", "Ngân hàng TMCP Đầu tư và Phát triển Việt Nam"),
    Bank("970422", "MB", "Ngân hàng TMCP Quân đội"),
    Bank("970425", "ABBANK", "Ngân hàng TMCP An Bình"),
    Bank("970416", "ACB", "Ngân hàng TMCP Á Châu"),
    Bank("970409", "Bac A Bank", "Ngân hàng TMCP Bắc Á"),
    Bank("970438", "BaoViet Bank", "Ngân hàng TMCP Bảo Việt"),
    Bank("970454", "BVBank", "Ngân hàng TMCP Bản Việt"),
    Bank("546034", "CAKE", "Ngân hàng số CAKE by VPBank"),
    Bank("422589", "CIMB", "Ngân hàng TNHH MTV CIMB Việt Nam"),
    Bank("970446", "Co-opBank", "Ngân hàng Hợp tác xã Việt Nam"),
    Bank("970431", "Eximbank", "Ngân hàng TMCP Xuất Nhập khẩu Việt Nam"),
    Bank("970408", "GPBank", "Ngân hàng TNHH MTV Dầu khí Toàn cầu"),
    Bank("970437", "HDBank", "Ngân hàng TMCP Phát triển Thành phố Hồ Chí Minh"),
    Bank("458761", "HSBC", "Ngân hàng TNHH MTV HSBC Việt Nam"),
    Bank("970434", "Indovina Bank", "Ngân hàng TNHH Indovina"),
    Bank("970452", "KienlongBank", "Ngân hàng TMCP Kiên Long"),
    Bank("970449", "LPBank", "Ngân hàng TMCP Lộc Phát Việt Nam"),
    Bank("970414", "MBV", "Ngân hàng TNHH MTV Việt Nam Hiện Đại"),
    Bank("970426", "MSB", "Ngân hàng TMCP Hàng Hải Việt Nam"),
    Bank("970428", "Nam A Bank", "Ngân hàng TMCP Nam Á"),
    Bank("970419", "NCB", "Ngân hàng TMCP Quốc Dân"),
    Bank("970448", "OCB", "Ngân hàng TMCP Phương Đông"),
    Bank("970430", "PGBank", "Ngân hàng TMCP Thịnh vượng và Phát triển"),
    Bank("970439", "Public Bank", "Ngân hàng TNHH MTV Public Việt Nam"),
    Bank("970412", "PVcomBank", "Ngân hàng TMCP Đại Chúng Việt Nam"),
    Bank("970403", "Sacombank", "Ngân hàng TMCP Sài Gòn Thương Tín"),
    Bank("970400", "Saigonbank", "Ngân hàng TMCP Sài Gòn Công Thương"),
    Bank("970429", "SCB", "Ngân hàng TMCP Sài Gòn"),
    Bank("970440", "SeABank", "Ngân hàng TMCP Đông Nam Á"),
    Bank("970443", "SHB", "Ngân hàng TMCP Sài Gòn - Hà Nội"),
    Bank("970424", "Shinhan Bank", "Ngân hàng TNHH MTV Shinhan Việt Nam"),
    Bank("970410", "Standard Chartered", "Ngân hàng TNHH MTV Standard Chartered Việt Nam"),
    Bank("970407", "Techcombank", "Ngân hàng TMCP Kỹ thương Việt Nam"),
    Bank("963388", "Timo", "Ngân hàng số Timo by Bản Việt Bank"),
    Bank("970423", "TPBank", "Ngân hàng TMCP Tiên Phong"),
    Bank("970458", "UOB", "Ngân hàng TNHH MTV United Overseas Bank Việt Nam"),
    Bank("970444", "VCBNeo", "Ngân hàng TNHH MTV Ngoại thương Công nghệ số"),
    Bank("970441", "VIB", "Ngân hàng TMCP Quốc tế Việt Nam"),
    Bank("970427", "VietABank", "Ngân hàng TMCP Việt Á"),
    Bank("970433", "VietBank", "Ngân hàng TMCP Việt Nam Thương Tín"),
    Bank("970406", "Vikki Bank", "Ngân hàng TNHH MTV Số Vikki"),
    Bank("970432", "VPBank", "Ngân hàng TMCP Việt Nam Thịnh Vượng"),
    Bank("970421", "VRB", "Ngân hàng Liên doanh Việt - Nga"),
    Bank("970457", "Woori Bank", "Ngân hàng TNHH MTV Woori Việt Nam"),
)

_BY_BIN = {bank.bin: bank for bank in BANKS}


def bank_choices() -> list[tuple[str, str]]:
    """For a form's select: the BIN, and the short name with the whole one."""
    return [(bank.bin, f"{bank.short_name} - {bank.name}") for bank in BANKS]


def get_bank(bank_bin: str) -> Bank:
    """Raises BankUnknownError."""
    try:
        return _BY_BIN[bank_bin]
    except KeyError:
        raise BankUnknownError(bin=bank_bin) from None


def parse_account_number(text: str) -> str:
    """What was typed as the number of an account, in the form that is stored: upper case, without spaces, dots and hyphens.

    Raises AccountNumberLengthError or AccountNumberCharactersError.
    """
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not _CHARACTERS.fullmatch(number):
        raise AccountNumberCharactersError
    if not _ACCOUNT.fullmatch(number):
        raise AccountNumberLengthError(length=len(number))
    return number
