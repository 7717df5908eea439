"""What the ledger says. Balances are sums of entries, in đồng."""

from django.db.models import Sum

from marketplace.ledger.models import Account, Entry

Kind = Account.Kind
# What the marketplace and a cooperative owe each other. What the cooperative received itself is no debt of ours.
OWED_KINDS = (
    Kind.COLLECTED,
    Kind.VOUCHER_CREDIT,
    Kind.FEE_OWED,
    Kind.REFUNDS_PAID,
    Kind.TAX_WITHHELD,
    Kind.PAID_OUT,
)


def balance(kind: str, cooperative_id: int | None = None) -> int:
    entries = Entry.objects.filter(account__kind=kind)
    if cooperative_id is None:
        entries = entries.filter(account__cooperative__isnull=True)
    else:
        entries = entries.filter(account__cooperative_id=cooperative_id)
    return int(entries.aggregate(total=Sum("amount"))["total"] or 0)


def owed_to(cooperative_id: int) -> int:
    """What the cooperative is owed: collected for it + vouchers funded by the marketplace - fees - refunds paid for
    it from marketplace money - tax withheld - paid out. Negative when it owes the marketplace.
    """
    entries = Entry.objects.filter(account__cooperative_id=cooperative_id, account__kind__in=OWED_KINDS)
    return -int(entries.aggregate(total=Sum("amount"))["total"] or 0)


def balances_of(cooperative_id: int) -> dict[str, int]:
    """The balance of each of the cooperative's accounts by kind; 0 for one that was never used. One query."""
    entries = Entry.objects.filter(account__cooperative_id=cooperative_id).order_by()
    used = dict(entries.values_list("account__kind").annotate(total=Sum("amount")))
    return {kind: int(used.get(kind, 0)) for kind in Kind.values}
