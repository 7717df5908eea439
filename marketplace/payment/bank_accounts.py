"""The bank account of a cooperative: transfers by its buyers go there, and so do its payouts."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.models import Cooperative, Membership
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.common.text import clean_text, fold
from marketplace.outbox.services import Email, enqueue_all
from marketplace.payment.models import BankAccount
from marketplace.payment.providers.vietqr.banks import get_bank, parse_account_number
from marketplace.users.models import User

# Whoever takes over a cooperative's login must not have the next payout: the cooperative has three days to notice.
PAYOUT_HOLD = timedelta(hours=72)
# The cooperatives' own language.
LANGUAGE = "vi"


class HolderMissingError(DomainError):
    code = "holder_missing"
    message = gettext_lazy("Name the holder of the account.")


def account_of(cooperative_id: int) -> BankAccount | None:
    """The account in use. One query."""
    return BankAccount.objects.filter(cooperative=cooperative_id, replaced_at__isnull=True).first()


def accounts_of(cooperative_ids: Iterable[int]) -> dict[int, BankAccount]:
    """Those in use, by cooperative. One query."""
    rows = BankAccount.objects.filter(cooperative__in=list(cooperative_ids), replaced_at__isnull=True)
    return {row.cooperative_id: row for row in rows}


def payouts_held_until(account: BankAccount) -> datetime | None:
    """Until when nothing is paid out to the account because it is new; None for a cooperative's first account."""
    is_first = not BankAccount.objects.filter(
        cooperative=account.cooperative_id, changed_at__lt=account.changed_at
    ).exists()
    return None if is_first else account.changed_at + PAYOUT_HOLD


def change_account(
    *, cooperative: Cooperative, bank_bin: str, account_number: str, holder: str, by: User | None, now: datetime
) -> BankAccount:
    """The account in use from now on. The same account again changes nothing. The cooperative's contacts are told.

    Raises BankUnknownError, AccountNumberError or HolderMissingError; then nothing is changed.
    """
    bank, number = get_bank(bank_bin), parse_account_number(account_number)
    holder = fold(clean_text(holder)).upper()[:100]
    if not holder:
        raise HolderMissingError
    with transaction.atomic():
        # The cooperative's row: two changes at once follow one another.
        locked(Cooperative.objects.filter(pk=cooperative.pk))
        old = account_of(cooperative.pk)
        if old and (old.bank_bin, old.account_number, old.holder) == (bank.bin, number, holder):
            return old
        BankAccount.objects.filter(cooperative=cooperative, replaced_at__isnull=True).update(replaced_at=now)
        account = BankAccount.objects.create(
            cooperative=cooperative,
            bank_bin=bank.bin,
            account_number=number,
            holder=holder,
            changed_at=now,
            changed_by=by,
        )
        enqueue_all(_notices(cooperative, account, old, by, now), now=now)
    return account


def resembles(holder: str, legal_name: str) -> bool:
    """Whether the holder of an account may be the cooperative: their words without marks and legal forms have one in common.

    A hint for a person who checks, never a refusal: banks shorten names.
    """
    idle = {"hop", "tac", "xa", "htx", "lien", "hiep", "to", "nong", "nghiep", "dich", "vu", "va", "tong", "doanh"}
    return bool((set(fold(holder).split()) & set(fold(legal_name).split())) - idle)


def _notices(
    cooperative: Cooperative, account: BankAccount, old: BankAccount | None, by: User | None, now: datetime
) -> list[Email]:
    with translation.override(LANGUAGE):
        context = {
            "cooperative": cooperative,
            "bank": get_bank(account.bank_bin).short_name,
            "number": account.masked_number,
            "is_change": old is not None,
            "by": str(by) if by else "",
            "at": now,
            "shop_name": settings.OSCAR_SHOP_NAME,
        }
        subject = _("The bank account of %(cooperative)s was changed") % {"cooperative": cooperative.short_name}
        text = render_to_string("emails/bank_account_changed.txt", context)
        html = render_to_string("emails/bank_account_changed.html", {**context, "subject": subject})
        return [
            Email(
                key=f"bank-account:{account.pk}:{address}"[:120],
                recipient=address,
                subject=subject,
                text=text,
                html=html,
            )
            for address in _contacts(cooperative, now)
        ]


def _contacts(cooperative: Cooperative, now: datetime) -> list[str]:
    """The cooperative's own address and its staff's: each of them may notice what the others did not do."""
    staff = (
        Membership.objects.in_force(local_day(now))
        .filter(cooperative=cooperative, user__is_active=True, user__email__isnull=False)
        .exclude(role=Membership.Role.MEMBER)
        .values_list("user__email", flat=True)
    )
    return list(dict.fromkeys(address.lower() for address in [cooperative.email, *staff] if address))
