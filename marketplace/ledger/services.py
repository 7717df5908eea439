"""Posting to the ledger. Whoever learns of money posts it in the transaction that records the fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from marketplace.ledger.models import Account, Entry, Transaction
from marketplace.order.models import Parcel

Kind = Account.Kind
OF_MARKETPLACE = frozenset(
    {Kind.CARD_CLEARING, Kind.BANK, Kind.FEES, Kind.PROVIDER_FEES, Kind.VOUCHERS_FUNDED, Kind.TAX_PAYABLE}
)


class UnbalancedError(ValueError):
    """The entries do not sum to zero: nothing was posted."""


@dataclass(frozen=True, slots=True)
class Side:
    """`amount` đồng on an account: positive is a debit."""

    kind: str
    amount: int


def transfer(*, debit: str, credit: str, amount: int) -> list[Side]:
    """The two sides of one movement; none for 0. A negative amount goes the other way."""
    return [Side(debit, amount), Side(credit, -amount)] if amount else []


@transaction.atomic
def post(
    *,
    key: str,
    kind: str,
    sides: Sequence[Side],
    cooperative_id: int | None,
    now: datetime,
    parcel: Parcel | None = None,
) -> Transaction | None:
    """The transaction, written once by its key: told again it changes nothing. None when there is nothing to post.

    Accounts of a cooperative are those of `cooperative_id`. Raises UnbalancedError.
    """
    if sum(side.amount for side in sides):
        raise UnbalancedError(key)
    if not sides:
        return None
    written, is_new = Transaction.objects.get_or_create(
        key=key, defaults={"kind": kind, "cooperative_id": cooperative_id, "parcel": parcel, "occurred_at": now}
    )
    if is_new:
        accounts = {side.kind: _account(side.kind, cooperative_id) for side in sides}
        Entry.objects.bulk_create(
            Entry(transaction=written, account=accounts[side.kind], amount=side.amount) for side in sides if side.amount
        )
    return written


def _account(kind: str, cooperative_id: int | None) -> Account:
    owner = None if kind in OF_MARKETPLACE else cooperative_id
    if owner is None and kind not in OF_MARKETPLACE:
        raise ValueError(kind)
    accounts = Account.objects.filter(kind=kind)
    mine = accounts.filter(cooperative__isnull=True) if owner is None else accounts.filter(cooperative_id=owner)
    account, _is_new = mine.get_or_create(defaults={"kind": kind, "cooperative_id": owner})
    return account
