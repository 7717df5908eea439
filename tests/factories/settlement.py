"""Parcels in every state of money, and their statements, made by the services that make them in the shop."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.contrib.auth.models import Permission
from django.db.models import Q

from cooperatives.models import Cooperative
from marketplace.ledger.parcels import align_parcel
from marketplace.order.models import Parcel
from marketplace.payment.bank_accounts import change_account
from marketplace.payment.facts import STRIPE, TRANSFER, Fact, apply_fact
from marketplace.settlement.payouts import APPROVE, PAY
from marketplace.users.models import User
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, ParcelFactory, bring_to
from tests.factories.users import UserFactory

# Of a parcel placed on 20/11, delivered the same day: the period in which its return window ends.
PERIOD_TO = date(2026, 11, 30)
SWEPT_AT = datetime.combine(date(2026, 12, 1), PLACED_AT.timetz())
_references = count(1)


def sold_parcel(
    cooperative: Cooperative, *, paid_by: str = "cash", rate: str = "2.50", units: int = 1, now: datetime = PLACED_AT
) -> Parcel:
    """Delivered four hours after `now`, and paid: in cash, by transfer or by card."""
    parcel = ParcelFactory(listing=ListingFactory(cooperative=cooperative), units=units, now=now)
    parcel.lines.update(fee_rate=Decimal(rate))
    pay(parcel, paid_by, now=now)
    parcel = bring_to(parcel, "delivered", now=now)
    align_parcel(parcel=parcel, refunded={}, now=now + hours(4))
    return parcel


def pay(parcel: Parcel, paid_by: str, *, now: datetime = PLACED_AT) -> None:
    if paid_by == "cash":
        return
    provider = {"card": STRIPE, "transfer": TRANSFER}[paid_by]
    Parcel.objects.filter(pk=parcel.pk).update(payment_method=paid_by)
    fact = Fact(provider, f"pi_{next(_references)}", int(parcel.total), "VND", occurred_at=now)
    apply_fact(fact=fact, target=parcel, now=now)


def name_account(cooperative: Cooperative, *, number: str = "113366668888", now: datetime = PLACED_AT) -> None:
    change_account(
        cooperative=cooperative, bank_bin="970415", account_number=number, holder=cooperative.name, by=None, now=now
    )


def finance_person(*permissions: str) -> User:
    """Somebody who may do this with payouts; everything by default."""
    user = UserFactory()
    for name in permissions or (APPROVE, PAY, "settlement.settle_period"):
        app_label, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(Q(content_type__app_label=app_label, codename=codename)))
    return User.objects.get(pk=user.pk)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)
