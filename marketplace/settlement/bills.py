"""Bills: what a cooperative owes the marketplace when its fees are more than what was collected for it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.ledger.models import Account
from marketplace.ledger.services import post, transfer
from marketplace.settlement.models import Bill
from marketplace.settlement.payouts import PAY, PayoutNotPermittedError
from marketplace.users.models import User


class BillNotOpenError(DomainError):
    code = "bill_not_open"
    message = _("Bill %(number)s is “%(status)s”: it cannot be paid now.")


def record_payment(*, bill: Bill, reference: str, by: User, now: datetime) -> Bill:
    """The bill, paid in full by the cooperative and posted. Saying it again changes nothing.

    Raises PayoutNotPermittedError, or BillNotOpenError for one that a later statement took over.
    """
    if not by.has_perm(PAY):
        raise PayoutNotPermittedError
    with transaction.atomic():
        bill = locked(Bill.objects.filter(pk=bill.pk).select_related("statement"))[0]
        if bill.status == Bill.Status.PAID:
            return bill
        if bill.status != Bill.Status.OPEN:
            raise BillNotOpenError(number=bill.statement.number, status=bill.get_status_display())
        bill.status, bill.paid_at, bill.reference = Bill.Status.PAID, now, reference[:120]
        bill.recorded_by, bill.recorded_at = by, now
        bill.save(update_fields=["status", "paid_at", "reference", "recorded_by", "recorded_at"])
        post(
            key=f"bill:{bill.pk}",
            kind="bill_paid",
            sides=transfer(debit=Account.Kind.BANK, credit=Account.Kind.PAID_OUT, amount=int(bill.amount)),
            cooperative_id=bill.statement.cooperative_id,
            now=now,
        )
        return bill
