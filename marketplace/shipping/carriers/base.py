"""What the adapter of a carrier does. It knows no parcel and no database: it is given facts and gives facts back.

A carrier that does not answer, refuses, or does not know a commune is no error of ours: the parcel is handed over by hand.
"""

from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.shipping.models import Shipment

ShipmentStatus = Shipment.Status


class CarrierError(DomainError):
    """Nothing was booked, as far as is known."""

    code = "carrier"


class CarrierUnavailableError(CarrierError):
    """No usable answer. Whether a booking was made is unknown: `find` with the same reference tells."""

    code = "carrier_unavailable"
    message = _(
        "%(carrier)s does not answer now. Hand the parcel over yourself and enter its tracking number, or try later."
    )


class CarrierRefusedError(CarrierError):
    code = "carrier_refused"
    message = _("%(carrier)s does not take this parcel. Hand it over yourself and enter its tracking number.")


class CarrierLimitError(CarrierError):
    """Too heavy, or too much cash to collect, for the carrier's published limits. Known without asking."""

    code = "carrier_limit"
    message = _("%(carrier)s takes no parcel of this weight or with this much cash. Hand it over another way.")


class WardUnknownError(CarrierError):
    code = "carrier_ward_unknown"
    message = _("%(carrier)s's number of %(commune)s is not known. Hand the parcel over yourself.")


@dataclass(frozen=True)
class Ward:
    """A commune by the carrier's own numbers."""

    district_id: int
    ward_code: str


@dataclass(frozen=True)
class Party:
    """Who sends or receives. `phone` as 0912345678."""

    name: str
    phone: str
    address: str
    ward: Ward


@dataclass(frozen=True)
class Consignment:
    """A parcel as a carrier is told of it. Amounts in đồng; `reference` is ours, and never used for two parcels."""

    reference: str
    sender: Party
    recipient: Party
    weight_g: int
    goods_value: int
    cash_to_collect: int
    content: str
    note: str = ""


@dataclass(frozen=True)
class Booking:
    """`fee` in đồng, None where the carrier did not say."""

    tracking_number: str
    fee: int | None = None


class Carrier(Protocol):
    """Each method asks the carrier once, waits seconds at most, and raises CarrierError for anything but an answer."""

    slug: str
    name: str

    def require_possible(self, consignment: Consignment) -> None:
        """Raises CarrierLimitError, without asking."""

    def quote(self, consignment: Consignment) -> int:
        """The fee in đồng. Books nothing."""

    def create(self, consignment: Consignment) -> Booking:
        """Books once for each reference, however often it is called."""

    def find(self, reference: str) -> Booking | None:
        """What was booked under the reference, None if nothing was. Asked after a `create` whose result is unknown."""

    def cancel(self, tracking_number: str) -> None:
        """Before it is picked up; afterwards CarrierRefusedError."""

    def track(self, tracking_number: str) -> ShipmentStatus | None:
        """None for a word of the carrier that we do not know: the status then stays as it is."""
