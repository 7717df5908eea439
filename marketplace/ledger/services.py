"""Posting to the ledger. Whoever learns of money posts it in the transaction that records the fact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from marketplace.ledger.models import Account, Entry, Transaction
from marketplace.order.models import Parcel

Kind = Account.Kind
OF_MARKETPLACE = frozenset(
    {Kind.CARD_CLEARING, Kind.BANK, Kind.FEES, Kind.PROVIDER_FEES, Kind.VOUCHERS_FUNDED, Kind.TAX_PAYABLE}
)
# In one order everywhere, so that two first postings for a cooperative wait for each other instead of locking up.
CHART = tuple(sorted(Kind.values))


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

    Accounts of a cooperative are those of `cooperative_id`. Raises UnbalancedError, and ValueError for an account of a
    cooperative without one.
    """
    if sum(side.amount for side in sides):
        raise UnbalancedError(key)
    if not sides:
        return None
    kinds = {side.kind for side in sides}
    if cooperative_id is None and kinds - OF_MARKETPLACE:
        raise ValueError(key)
    with transaction.atomic(savepoint=False):
        written, is_new = Transaction.objects.get_or_create(
            key=key, defaults={"kind": kind, "cooperative_id": cooperative_id, "parcel": parcel, "occurred_at": now}
        )
        if is_new:
            accounts = _accounts(kinds, cooperative_id)
            Entry.objects.bulk_create(
                Entry(transaction=written, account_id=accounts[side.kind], amount=side.amount)
                for side in sides
                if side.amount
            )
    return written


def account_ids(cooperative_ids: Iterable[int | None]) -> dict[tuple[int | None, str], int]:
    """Keys of all accounts of these cooperatives by (cooperative, kind); None is the marketplace. Opens what is missing."""
    owners = sorted(set(cooperative_ids), key=lambda owner: owner or 0)
    found = _stored(owners)
    missing = [(owner, kind) for owner in owners for kind in _kinds_of(owner) if (owner, kind) not in found]
    if not missing:
        return found
    # Somebody else may open them now: theirs are taken.
    Account.objects.bulk_create(
        [Account(kind=kind, cooperative_id=owner) for owner, kind in missing], ignore_conflicts=True
    )
    return _stored(owners)


def _accounts(kinds: set[str], cooperative_id: int | None) -> dict[str, int]:
    owners = {kind: None if kind in OF_MARKETPLACE else cooperative_id for kind in kinds}
    known = account_ids(set(owners.values()))
    return {kind: known[owner, kind] for kind, owner in owners.items()}


def _stored(owners: Sequence[int | None]) -> dict[tuple[int | None, str], int]:
    wanted = Q(cooperative__in=[owner for owner in owners if owner is not None])
    if None in owners:
        wanted |= Q(cooperative__isnull=True)
    rows = Account.objects.filter(wanted).values_list("cooperative", "kind", "pk")
    return {(owner, kind): pk for owner, kind, pk in rows}


def _kinds_of(owner: int | None) -> list[str]:
    return [kind for kind in CHART if (kind in OF_MARKETPLACE) == (owner is None)]
