"""What a clerk may do with a parcel: each act is one transition, with the words of its button and its page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.order import services as orders
from marketplace.order.models import Parcel
from marketplace.order.states import TRANSITIONS, CancelReason, FailureReason, amount_due
from marketplace.payment import services as payment
from marketplace.portal import shipments
from marketplace.users.models import User

Status = Parcel.Status
NOT_BY_CLERK = frozenset({CancelReason.BUYER, CancelReason.UNPAID, CancelReason.NOT_CONFIRMED})


@dataclass(frozen=True)
class Act:
    """One act. Without a page it is done by its button; with one the clerk reads what will happen and says more."""

    slug: str
    to_status: str
    label: str | Promise
    done: str | Promise
    icon: str
    perform: Callable[..., Parcel]
    explains: str | Promise = ""
    asks_note: str | Promise = ""
    reasons: tuple[tuple[str, str | Promise], ...] = ()
    asks_restocked: bool = False
    asks_carrier: bool = False
    is_grave: bool = False
    # For parcels to be fetched, or for all others; None for both.
    for_pickup: bool | None = None
    # Icon, label, `done` and `explains` where no money is due any more.
    in_advance: tuple[str, str | Promise, str | Promise, str | Promise] | None = None

    @property
    def has_page(self) -> bool:
        return bool(self.explains)

    def is_open_to(self, parcel: Parcel) -> bool:
        """Whether the table of transitions allows it now."""
        is_pickup = parcel.delivery_kind == Parcel.DeliveryKind.PICKUP
        return self.to_status in TRANSITIONS[parcel.status] and self.for_pickup in (None, is_pickup)

    def worded_for(self, parcel: Parcel) -> "Act":
        """The act in the words that are true of the parcel's money."""
        if self.in_advance is None or amount_due(parcel):
            return self
        icon, label, done, explains = self.in_advance
        return replace(self, icon=icon, label=label, done=done, explains=explains)


ACTS = (
    Act(
        slug="xac-nhan",
        to_status=Status.CONFIRMED,
        label=_("Confirm"),
        done=_("Parcel %(number)s is confirmed."),
        icon="check",
        perform=orders.confirm_parcel,
    ),
    Act(
        slug="dong-goi",
        to_status=Status.PACKED,
        label=_("Packed"),
        done=_("Parcel %(number)s is packed."),
        icon="package",
        perform=orders.pack_parcel,
    ),
    Act(
        slug="gui-di",
        to_status=Status.SHIPPED,
        label=_("Hand over"),
        done=_("Parcel %(number)s is on its way."),
        icon="truck",
        perform=shipments.ship,
        explains=_("The parcel leaves the cooperative, and the buyer is told."),
        asks_note=_("Note, or the driver's phone"),
        asks_carrier=True,
        for_pickup=False,
    ),
    Act(
        slug="san-sang",
        to_status=Status.READY,
        label=_("Ready for pick-up"),
        done=_("Parcel %(number)s is ready, and the buyer is told."),
        icon="store",
        perform=orders.ready_parcel,
        for_pickup=True,
    ),
    Act(
        slug="da-giao",
        to_status=Status.DELIVERED,
        label=_("Delivered, cash received"),
        done=_("Parcel %(number)s is delivered and paid."),
        icon="banknote",
        perform=payment.deliver_with_cash,
        explains=_("The buyer has the goods and the cooperative has the money. Both are recorded."),
        in_advance=(
            "package-check",
            _("Delivered"),
            _("Parcel %(number)s is delivered."),
            _("The buyer has the goods."),
        ),
    ),
    Act(
        slug="giao-hong",
        to_status=Status.DELIVERY_FAILED,
        label=_("Delivery failed"),
        done=_("The failed delivery of parcel %(number)s is recorded."),
        icon="circle-x",
        perform=orders.fail_delivery,
        explains=_("The buyer does not have the goods. They can be sent again or taken back."),
        asks_note=_("Note"),
        reasons=tuple(FailureReason.choices),
        is_grave=True,
    ),
    Act(
        slug="hoan-ve",
        to_status=Status.RETURNING,
        label=_("Take back"),
        done=_("Parcel %(number)s is on its way back."),
        icon="undo-2",
        perform=orders.start_return,
        explains=_("The goods come back to the cooperative."),
        asks_note=_("Note"),
        is_grave=True,
    ),
    Act(
        slug="da-hoan",
        to_status=Status.RETURNED,
        label=_("Goods are back"),
        done=_("Parcel %(number)s is returned."),
        icon="package-check",
        perform=orders.return_parcel,
        explains=_("The goods are with the cooperative again."),
        asks_note=_("Note"),
        asks_restocked=True,
        is_grave=True,
    ),
    Act(
        slug="huy",
        to_status=Status.CANCELLED,
        label=_("Cancel the parcel"),
        done=_("Parcel %(number)s is cancelled."),
        icon="ban",
        perform=orders.cancel_parcel,
        explains=_("The buyer is told, and the goods are for sale again."),
        asks_note=_("Note"),
        reasons=tuple((value, label) for value, label in CancelReason.choices if value not in NOT_BY_CLERK),
        is_grave=True,
    ),
)
BY_SLUG = {act.slug: act for act in ACTS}


def open_acts(parcel: Parcel) -> list[Act]:
    """Acts that are possible now, the next step of an ordinary day first."""
    return [act.worded_for(parcel) for act in ACTS if act.is_open_to(parcel)]


def next_act(parcel: Parcel) -> Act | None:
    """The next step of an ordinary day; None where there is none."""
    return next((act for act in open_acts(parcel) if not act.is_grave), None)


def perform(*, act: Act, parcel: Parcel, by: User, now: datetime, said: dict[str, Any]) -> Parcel:
    """The parcel as it now is; `said` is what the act's form asked for. Raises DomainError, with nothing changed."""
    return act.perform(parcel=parcel, by=by, now=now, **said)
