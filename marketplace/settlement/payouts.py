"""Paying cooperatives out: two people approve, one of them or a third sends, and the bank's answer is recorded.

Every change is a row of PayoutEvent. Each function returns the payout as it now is and raises, with nothing changed, when
it may not be done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.dates import ZONE
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.ledger.models import Account
from marketplace.ledger.services import post, transfer
from marketplace.order.models import Parcel
from marketplace.payment.bank_accounts import PAYOUT_HOLD, account_of, payouts_held_until
from marketplace.payment.providers.base import CardProvider, ProviderRefusedError
from marketplace.settlement.finality import disputed
from marketplace.settlement.models import ConnectedAccount, Payout, PayoutApproval, PayoutEvent, PayoutFile, Statement
from marketplace.users.models import User

Status = Payout.Status
Kind = Account.Kind
APPROVE = "settlement.approve_payouts"
PAY = "settlement.pay_payouts"
APPROVALS = 2
# Stripe keeps a key for a day at least.
KEY_LIVES = timedelta(hours=23)

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.PENDING: frozenset({Status.APPROVED_ONCE}),
    Status.APPROVED_ONCE: frozenset({Status.APPROVED, Status.PENDING}),
    Status.APPROVED: frozenset({Status.EXPORTED, Status.PENDING}),
    Status.EXPORTED: frozenset({Status.PAID, Status.PENDING}),
    # The bank may send money back.
    Status.PAID: frozenset({Status.PENDING}),
    Status.CARRIED: frozenset(),
}


class PayoutError(DomainError):
    code = "payout"


class PayoutNotPermittedError(PayoutError):
    code = "payout_not_permitted"
    message = _("You may not do this with payouts.")


class PayoutStateError(PayoutError):
    code = "payout_state"
    message = _("Payout %(number)s is “%(status)s”: this cannot be done now.")


class ApprovedAlreadyError(PayoutError):
    code = "approved_already"
    message = _("You have approved payout %(number)s already: a second person must.")


class NoAccountError(PayoutError):
    code = "no_account"
    message = _("%(cooperative)s has not named an account to be paid to.")


class AccountHeldError(PayoutError):
    code = "account_held"
    message = _("The account of %(cooperative)s was changed: nothing is paid out before %(until)s.")


class AccountChangedError(PayoutError):
    code = "account_changed"
    message = _("The account of %(cooperative)s is not the one that was approved: approve payout %(number)s again.")


class DisputedError(PayoutError):
    code = "payout_disputed"
    message = _(
        "Payout %(number)s holds money that a card holder's bank asks back. It waits for the end of the dispute."
    )


class TransferUnknownError(PayoutError):
    code = "transfer_unknown"
    message = _(
        "Payout %(number)s was sent to Stripe a day ago without an answer. Look it up at Stripe: mark it as paid with its "
        "number, or as not paid."
    )


def approve(*, payout: Payout, by: User, now: datetime) -> Payout:
    """Approved by one more person. Whoever approves twice counts once; two different people are needed.

    Raises PayoutNotPermittedError, PayoutStateError, ApprovedAlreadyError, NoAccountError, AccountHeldError,
    AccountChangedError or DisputedError.
    """
    _require(by, APPROVE)
    with transaction.atomic():
        payout = _locked(payout)
        if payout.status not in {Status.PENDING, Status.APPROVED_ONCE}:
            raise _state_error(payout)
        earlier = list(payout.approvals.filter(turn=payout.turn))
        if any(approval.by_id == by.pk for approval in earlier):
            raise ApprovedAlreadyError(number=payout.statement.number)
        destination = _require_payable(payout, now)
        if any(approval.destination != destination for approval in earlier):
            raise AccountChangedError(cooperative=_cooperative(payout), number=payout.statement.number)
        PayoutApproval.objects.create(payout=payout, turn=payout.turn, by=by, at=now, destination=destination)
        following = Status.APPROVED if len(earlier) + 1 >= APPROVALS else Status.APPROVED_ONCE
        return _move(payout, following, by=by, now=now)


def withdraw(*, payout: Payout, by: User, now: datetime, note: str = "") -> Payout:
    """Back to waiting, with its approvals void; also when the account was changed after an approval.

    Raises PayoutNotPermittedError or PayoutStateError.
    """
    _require(by, APPROVE)
    with transaction.atomic():
        payout = _locked(payout)
        if payout.status not in {Status.APPROVED_ONCE, Status.APPROVED}:
            raise _state_error(payout)
        payout.turn += 1
        return _move(payout, Status.PENDING, by=by, now=now, note=note, fields=("turn",))


def export(*, payouts: Sequence[Payout], by: User, now: datetime) -> PayoutFile:
    """A file for the bank of these payouts, all approved twice. All or none of them are exported.

    Raises PayoutNotPermittedError, PayoutStateError, AccountHeldError, AccountChangedError, NoAccountError or DisputedError.
    """
    _require(by, PAY)
    with transaction.atomic():
        rows = locked(Payout.objects.filter(pk__in=[payout.pk for payout in payouts]).select_related(*_NAMES))
        for payout in rows:
            if payout.status != Status.APPROVED or payout.method != Payout.Method.BANK:
                raise _state_error(payout)
        if not rows:
            raise PayoutStateError(number="—", status="—")
        for payout in rows:
            _require_approved_destination(payout, _require_payable(payout, now))
        file = PayoutFile.objects.create(
            number=f"CK{now:%y%m%d%H%M}-{rows[0].pk}-{rows[0].turn}", made_at=now, made_by=by
        )
        for payout in rows:
            payout.file, payout.bank_account = file, account_of(payout.statement.cooperative_id)
            _move(payout, Status.EXPORTED, by=by, now=now, note=file.number, fields=("file", "bank_account"))
        return file


def send_by_stripe(*, payout: Payout, provider: CardProvider, by: User, now: datetime) -> Payout:
    """Transferred at Stripe: first recorded as sent, then called with a key of the payout and its turn, so that the same
    may be called again when the answer was lost.

    Raises what `export` raises, and the provider's errors. With ProviderUnavailableError the payout stays sent, with
    ProviderRefusedError nothing was done and it waits for approval anew.
    """
    _require(by, PAY)
    with transaction.atomic():
        payout = _locked(payout)
        if payout.method != Payout.Method.STRIPE or payout.status not in {Status.APPROVED, Status.EXPORTED}:
            raise _state_error(payout)
        if payout.status == Status.APPROVED:
            _require_approved_destination(payout, _require_payable(payout, now))
            payout = _move(payout, Status.EXPORTED, by=by, now=now)
        elif _is_forgotten(payout, now):
            raise TransferUnknownError(number=payout.statement.number)
        account = payout.approvals.filter(turn=payout.turn).values_list("destination", flat=True)[0]
    try:
        number = provider.create_transfer(
            amount=int(payout.amount),
            account=account,
            idempotency_key=f"payout-{payout.pk}-{payout.turn}",
            transfer_group=payout.statement.number,
            metadata={"payout": str(payout.pk), "statement": payout.statement.number},
        )
    except ProviderRefusedError as error:
        # Stripe repeats a refusal to the same key: the next turn has another.
        with transaction.atomic():
            _fail(_locked(payout), by=by, now=now, note=str(error))
        raise
    return mark_paid(payout=payout, reference=number, by=by, now=now)


def mark_paid(*, payout: Payout, reference: str, by: User, now: datetime) -> Payout:
    """Paid, as the bank or Stripe says; posted to the ledger. Saying it again changes nothing.

    Raises PayoutNotPermittedError or PayoutStateError.
    """
    _require(by, PAY)
    with transaction.atomic():
        payout = _locked(payout)
        if payout.status == Status.PAID:
            return payout
        if payout.status != Status.EXPORTED:
            raise _state_error(payout)
        payout.reference, payout.paid_at = reference[:120], now
        _post(payout, f"payout:{payout.pk}:{payout.turn}", "payout", int(payout.amount), now)
        return _move(payout, Status.PAID, by=by, now=now, note=reference, fields=("reference", "paid_at"))


def mark_failed(*, payout: Payout, by: User, now: datetime, note: str) -> Payout:
    """Not paid, or sent back by the bank: it waits for approval anew. What was posted is posted back.

    Of a transfer at Stripe only Stripe's own refusal tells that it was not made, until Stripe has forgotten the key.
    Raises PayoutNotPermittedError or PayoutStateError.
    """
    _require(by, PAY)
    with transaction.atomic():
        payout = _locked(payout)
        is_unsure = payout.method == Payout.Method.STRIPE and not _is_forgotten(payout, now)
        if payout.status not in {Status.EXPORTED, Status.PAID} or is_unsure:
            raise _state_error(payout)
        return _fail(payout, by=by, now=now, note=note)


def held_until(payout: Payout) -> datetime | None:
    """Until when the payout waits because its cooperative's account is new; None when it does not."""
    cooperative_id = payout.statement.cooperative_id
    if payout.method == Payout.Method.STRIPE:
        connected = ConnectedAccount.objects.filter(cooperative=cooperative_id).first()
        return connected.changed_at + PAYOUT_HOLD if connected else None
    account = account_of(cooperative_id)
    return payouts_held_until(account) if account else None


def is_disputed(payout: Payout) -> bool:
    """Whether it holds money of a disputed parcel, be it of an earlier statement that was carried into its own."""
    statements = latest = {payout.statement_id}
    while latest:
        carried = Q(payout__carried_into__in=latest) | Q(bill__carried_into__in=latest)
        latest = set(Statement.objects.filter(carried).order_by().values_list("pk", flat=True))
        statements = statements | latest
    return Parcel.objects.filter(disputed(), statement_items__statement__in=statements).exists()


_NAMES = ("statement__cooperative",)


def _locked(payout: Payout) -> Payout:
    return locked(Payout.objects.filter(pk=payout.pk).select_related(*_NAMES))[0]


def _fail(payout: Payout, *, by: User, now: datetime, note: str) -> Payout:
    if payout.status == Status.PAID:
        _post(payout, f"payout-back:{payout.pk}:{payout.turn}", "payout_back", -int(payout.amount), now)
    payout.turn += 1
    payout.file, payout.bank_account, payout.reference, payout.paid_at = None, None, "", None
    fields = ("turn", "file", "bank_account", "reference", "paid_at")
    return _move(payout, Status.PENDING, by=by, now=now, note=note, fields=fields)


def _is_forgotten(payout: Payout, now: datetime) -> bool:
    """Whether Stripe may have forgotten the key under which the payout was sent: the same call could pay twice."""
    sent = payout.events.filter(to_status=Status.EXPORTED).order_by("-pk").first()
    return sent is not None and now - sent.at > KEY_LIVES


def _require(by: User, permission: str) -> None:
    if not by.has_perm(permission):
        raise PayoutNotPermittedError


def _require_payable(payout: Payout, now: datetime) -> str:
    """The account that the money would go to now, in a form that can be compared and tells nothing."""
    if is_disputed(payout):
        raise DisputedError(number=payout.statement.number)
    cooperative_id = payout.statement.cooperative_id
    if payout.method == Payout.Method.STRIPE:
        connected = ConnectedAccount.objects.filter(cooperative=cooperative_id).first()
        if connected is None:
            raise NoAccountError(cooperative=_cooperative(payout))
        _require_rested(payout, connected.changed_at + PAYOUT_HOLD, now)
        return connected.account
    account = account_of(cooperative_id)
    if account is None:
        raise NoAccountError(cooperative=_cooperative(payout))
    _require_rested(payout, payouts_held_until(account), now)
    return f"bank:{account.pk}"


def _require_rested(payout: Payout, until: datetime | None, now: datetime) -> None:
    if until is not None and now < until:
        raise AccountHeldError(cooperative=_cooperative(payout), until=f"{until.astimezone(ZONE):%H:%M %d/%m/%Y}")


def _require_approved_destination(payout: Payout, destination: str) -> None:
    approved = set(payout.approvals.filter(turn=payout.turn).values_list("destination", flat=True))
    if approved != {destination}:
        raise AccountChangedError(cooperative=_cooperative(payout), number=payout.statement.number)


def _cooperative(payout: Payout) -> str:
    return payout.statement.cooperative.short_name


def _state_error(payout: Payout) -> PayoutStateError:
    return PayoutStateError(number=payout.statement.number, status=payout.get_status_display())


def _move(
    payout: Payout, to_status: str, *, by: User | None, now: datetime, note: str = "", fields: Sequence[str] = ()
) -> Payout:
    if to_status not in TRANSITIONS[payout.status]:
        raise _state_error(payout)
    before, payout.status = payout.status, to_status
    payout.save(update_fields=["status", *fields])
    PayoutEvent.objects.create(payout=payout, from_status=before, to_status=to_status, at=now, by=by, note=note[:300])
    return payout


def _post(payout: Payout, key: str, kind: str, amount: int, now: datetime) -> None:
    source = Kind.CARD_CLEARING if payout.method == Payout.Method.STRIPE else Kind.BANK
    post(
        key=key,
        kind=kind,
        sides=transfer(debit=Kind.PAID_OUT, credit=source, amount=amount),
        cooperative_id=payout.statement.cooperative_id,
        now=now,
    )
