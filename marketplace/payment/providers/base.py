"""What the card's provider must be able to do, in our words: no name of its library leaves its own folder."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError


class ProviderUnavailableError(DomainError):
    """No answer, or none that says what was done: the same call with the same key may be made again."""

    code = "provider_unavailable"
    message = _("The payment service does not answer just now. Nothing is lost: try again in a few minutes.")


class ProviderRefusedError(DomainError):
    """The provider said no, and did nothing."""

    code = "provider_refused"
    message = _("The payment service refused: %(reason)s")


class EventInvalidError(DomainError):
    """Not an event of the provider: malformed, forged, or signed too long ago."""

    code = "event_invalid"


@dataclass(frozen=True, slots=True)
class PageItem:
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page to be paid on. Everything is kept with the attempt, so that a second call says the same as the first."""

    key: str
    order_number: str
    items: Sequence[PageItem]
    language: str
    email: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CardPage:
    """The provider's page as it stands. `payment_id` and what follows are empty until somebody tried to pay."""

    external_id: str
    is_open: bool
    is_paid: bool
    url: str
    amount: int
    currency: str
    key: str
    order_number: str
    payment_id: str = ""
    paid_at: datetime | None = None
    # What the provider kept of it; None while it does not say.
    fee: int | None = None
    payer: str = ""


@dataclass(frozen=True, slots=True)
class PaymentTrace:
    """What the provider's payment says of where it came from."""

    payment_id: str
    key: str
    order_number: str


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """`status` is pending, succeeded or failed; `external_id` is empty when nothing was made."""

    status: str
    external_id: str
    error: str = ""
    amount: int = 0
    currency: str = ""
    payment_id: str = ""
    created_at: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DisputeState:
    """`status` is open, won or lost."""

    external_id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    reason: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """An event: that something happened to an object, which is then read anew."""

    event_id: str
    kind: str
    object_id: str
    payload: dict[str, Any]


class CardProvider(Protocol):
    """Every method but `read_event` raises ProviderUnavailableError; those that change something raise
    ProviderRefusedError too, when nothing was changed.
    """

    name: str

    def create_page(self, request: PageRequest) -> CardPage: ...

    def read_page(self, external_id: str) -> CardPage: ...

    def expire_page(self, external_id: str) -> CardPage:
        """The page, which nobody can pay on any more, unless somebody has."""

    def page_of_payment(self, payment_id: str) -> CardPage | None: ...

    def trace(self, payment_id: str) -> PaymentTrace: ...

    def refund(
        self, *, payment_id: str, amount: int, currency: str, idempotency_key: str, metadata: dict[str, str]
    ) -> RefundAnswer:
        """A refusal is an answer too: failed, with its error."""

    def read_refund(self, external_id: str) -> RefundAnswer: ...

    def refunds_of(self, payment_id: str) -> list[RefundAnswer]: ...

    def read_dispute(self, external_id: str) -> DisputeState: ...

    def create_transfer(
        self, *, amount: int, account: str, idempotency_key: str, transfer_group: str, metadata: dict[str, str]
    ) -> str:
        """Moves money to a connected account; returns the transfer's number."""

    def reverse_transfer(self, *, transfer_id: str, amount: int, idempotency_key: str) -> str: ...

    def read_event(self, body: bytes, signature: str) -> News:
        """Raises EventInvalidError."""

    def events_since(self, moment: datetime) -> Iterator[News]:
        """Those that we follow, the oldest first."""
