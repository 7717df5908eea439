"""What a buyer needs to pay a parcel by transfer: the code, and everything in it as text to copy."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from marketplace.order.models import Parcel
from marketplace.order.states import amount_due, is_payable
from marketplace.payment.bank_accounts import accounts_of
from marketplace.payment.models import BankAccount
from marketplace.payment.providers.vietqr.banks import Bank, get_bank
from marketplace.payment.providers.vietqr.payload import PayloadError, transfer_payload
from marketplace.payment.providers.vietqr.picture import code_png, code_svg


@dataclass(frozen=True)
class TransferBlock:
    """The context of `payment/transfer.html`. Without a code (the sum is above what VietQR carries) the texts remain."""

    number: str
    cooperative: str
    bank: Bank
    account_number: str
    holder: str
    amount: int
    reference: str
    svg: SafeString | None
    payload: str
    held_until: datetime | None

    @property
    def png_link(self) -> str:
        """The picture to keep: phones that show the code pay by opening it in the bank's app."""
        return f"data:image/png;base64,{base64.b64encode(code_png(self.payload)).decode()}" if self.payload else ""


def transfer_blocks(parcels: Iterable[Parcel]) -> dict[int, TransferBlock]:
    """By the parcel's key, for those that wait for a transfer. One query, or none."""
    waiting = [parcel for parcel in parcels if _waits(parcel)]
    accounts = accounts_of({parcel.cooperative_id for parcel in waiting}) if waiting else {}
    blocks = {parcel.pk: transfer_block(parcel, accounts.get(parcel.cooperative_id)) for parcel in waiting}
    return {pk: block for pk, block in blocks.items() if block}


def transfer_block(parcel: Parcel, account: BankAccount | None) -> TransferBlock | None:
    """None where nothing is to be paid by transfer, or the cooperative has named no account. No query."""
    if account is None or not _waits(parcel):
        return None
    amount = amount_due(parcel)
    reference = str(parcel.payment_reference)
    try:
        payload = transfer_payload(
            bank_bin=account.bank_bin, account_number=account.account_number, amount=amount, memo=reference
        )
    except PayloadError:
        payload = ""
    title = _("VietQR code to pay parcel %(number)s") % {"number": parcel.number.upper()}
    return TransferBlock(
        number=parcel.number,
        cooperative=parcel.cooperative.short_name,
        bank=get_bank(account.bank_bin),
        account_number=account.account_number,
        holder=account.holder,
        amount=amount,
        reference=reference,
        svg=code_svg(payload, title=title) if payload else None,
        payload=payload,
        held_until=parcel.hold_expires_at,
    )


def _waits(parcel: Parcel) -> bool:
    is_by_transfer = parcel.payment_method == Parcel.PaymentMethod.TRANSFER and bool(parcel.payment_reference)
    return is_by_transfer and is_payable(parcel) and amount_due(parcel) > 0
