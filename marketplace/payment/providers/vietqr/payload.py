"""The text of a VietQR code: a transfer to an account by NAPAS 247, in the fields of EMV (QRIBFTTA)."""

import re

from django.utils.translation import gettext_lazy as _
from vietnam_qr_pay import QRPay

from marketplace.common.errors import DomainError
from marketplace.common.money import format_vnd
from marketplace.payment.providers.vietqr.banks import get_bank, parse_account_number

MAXIMUM_MEMO = 25
# The field holds 13 characters; NAPAS 247 carries less than 500 million at once.
MAXIMUM_AMOUNT = 499_999_999

# Letters and digits pass every bank unchanged; spaces are kept for texts that are no reference.
_MEMO = re.compile(rf"[0-9A-Za-z](?:[0-9A-Za-z ]{{0,{MAXIMUM_MEMO - 2}}}[0-9A-Za-z])?")


class PayloadError(DomainError):
    code = "payload"


class MemoNotAllowedError(PayloadError):
    code = "memo_not_allowed"
    message = _("The text of a transfer has 1 to %(maximum)s letters and digits without marks.")


class AmountNotTransferableError(PayloadError):
    code = "amount_not_transferable"
    message = _("A transfer by VietQR carries from 1 ₫ to %(maximum)s.")


def transfer_payload(*, bank_bin: str, account_number: str, amount: int | None, memo: str) -> str:
    """What the code says. Without an amount the payer types it.

    Raises BankUnknownError, AccountNumberError, AmountNotTransferableError or MemoNotAllowedError.
    """
    if amount is not None and not 1 <= amount <= MAXIMUM_AMOUNT:
        raise AmountNotTransferableError(maximum=format_vnd(MAXIMUM_AMOUNT))
    if not _MEMO.fullmatch(memo):
        raise MemoNotAllowedError(maximum=MAXIMUM_MEMO)
    return QRPay.init_viet_qr(
        bank_bin=get_bank(bank_bin).bin,
        bank_number=parse_account_number(account_number),
        amount=None if amount is None else str(amount),
        purpose=memo,
    ).build()
