"""What finance knows of a seller: whether tax is withheld for it, and its account at Stripe."""

from datetime import date, datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.order.letters import CLERKS_LANGUAGE, clerks_of, letter, site
from marketplace.outbox.services import enqueue_all
from marketplace.settlement.models import ConnectedAccount, SellerTaxStatus


class TaxStatusOverlapsError(DomainError):
    code = "tax_status_overlaps"
    message = _("A later tax status is already there: it begins on %(day)s.")


class AccountTakenError(DomainError):
    code = "account_taken"
    message = _("This account at Stripe belongs to another cooperative.")


def set_tax_status(
    *, cooperative: Cooperative, kind: str, identity_number: str, valid_from: date
) -> SellerTaxStatus | None:
    """The seller's status from the day on; the one before is closed on that day. With an empty `kind` the seller is an
    organisation from then on, and None is returned. Raises TaxStatusOverlapsError and ValidationError.
    """
    with transaction.atomic():
        rows = SellerTaxStatus.objects.filter(cooperative=cooperative)
        later = rows.filter(valid_from__gte=valid_from).order_by("valid_from").first()
        if later is not None:
            raise TaxStatusOverlapsError(day=later.valid_from.strftime("%d/%m/%Y"))
        rows.in_force(valid_from).update(valid_to=valid_from)
        if not kind:
            return None
        status = SellerTaxStatus(
            cooperative=cooperative, kind=kind, identity_number=identity_number, valid_from=valid_from
        )
        status.full_clean()
        status.save(force_insert=True)
        return status


def connect_account(*, cooperative: Cooperative, account: str, now: datetime) -> ConnectedAccount | None:
    """Later payouts go to this account at Stripe, 72 hours from now; with an empty one, to the bank again and None is
    returned. The same account again changes nothing. The cooperative's people are told. Raises AccountTakenError and
    ValidationError.
    """
    with transaction.atomic():
        known = ConnectedAccount.objects.filter(cooperative=cooperative).first()
        if not account:
            if known is not None:
                known.delete()
                _tell(cooperative, "", now)
            return None
        if known is not None and known.account == account:
            return known
        if ConnectedAccount.objects.filter(account=account).exists():
            raise AccountTakenError
        connected = known or ConnectedAccount(cooperative=cooperative)
        connected.account, connected.changed_at = account, now
        connected.full_clean()
        connected.save()
        _tell(cooperative, account, now)
        return connected


def _tell(cooperative: Cooperative, account: str, now: datetime) -> None:
    """The cooperative's people: while payouts rest, they may notice what they have not asked for."""
    with translation.override(CLERKS_LANGUAGE):
        said = {"cooperative": cooperative.short_name, "account": account}
        subject = gettext("The account to which %(cooperative)s is paid out was changed") % said
        sentences = [
            gettext(
                "What the marketplace owes you goes to the account %(account)s at Stripe from now on, after 72 hours."
            )
            % said
            if account
            else gettext("What the marketplace owes you goes to your bank account again, and not to Stripe."),
            gettext("If you have not asked for this, tell the marketplace at once."),
        ]
        context = {"sentences": sentences, "url": site("users:landing"), "link": gettext("Open the workplace")}
        recipients = clerks_of({cooperative.pk: cooperative}, local_day(now))[cooperative.pk]
        enqueue_all(
            [
                letter(
                    f"stripe-account:{cooperative.pk}:{now:%y%m%d%H%M%S%f}:{recipient}",
                    recipient,
                    subject,
                    "notice",
                    context,
                )
                for recipient in recipients
            ],
            now=now,
        )
