"""The list of transfers that the marketplace's bank takes: CSV or XLSX, one row for each payout.

Number, account, holder, bank, amount, content: the columns that Vietnamese banks' bulk transfers share. Names and contents
are in capitals without marks, as banks want them.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import IO

from django.utils.translation import gettext as _

from marketplace.common.spreadsheets import disarmed
from marketplace.common.text import fold
from marketplace.payment.providers.vietqr.banks import get_bank
from marketplace.settlement.models import PayoutFile
from marketplace.settlement.sheets import table_workbook

_BYTE_ORDER_MARK = "\ufeff"


def csv_of(file: PayoutFile) -> str:
    """UTF-8 with a byte order mark, which Excel needs."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(_header())
    writer.writerows([disarmed(value) for value in row] for row in _rows(file))
    return _BYTE_ORDER_MARK + text.getvalue()


def workbook_of(file: PayoutFile) -> IO[bytes]:
    return table_workbook(file.number, _header(), _rows(file))


def _header() -> list[str]:
    return [_("No."), _("Account number"), _("Account holder"), _("Bank"), _("Amount"), _("Content")]


def _rows(file: PayoutFile) -> Iterator[list[str | int]]:
    """Accounts as they were approved; those payouts of the file that have not come back."""
    payouts = file.payouts.select_related("bank_account", "statement").order_by("pk")
    for number, payout in enumerate(payouts, start=1):
        account = payout.bank_account
        if account is None:
            continue
        yield [
            number,
            account.account_number,
            fold(account.holder).upper(),
            get_bank(account.bank_bin).short_name,
            int(payout.amount),
            f"CLK thanh toan {payout.statement.number.replace('-', ' ')}",
        ]
