"""Who belonged to a cooperative on a day, known by the same keyed hashes as buyers are."""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date
from typing import NamedTuple

from cooperatives.models import Membership


class Hashes(NamedTuple):
    """Keyed hashes of a person's contacts; empty for what is not known."""

    account: str
    phone: str
    email: str


class InsiderIndex:
    """Members and staff of some cooperatives, with the days of each. One query."""

    def __init__(self, cooperative_ids: Collection[int] | None, hash_contacts: Callable[..., Hashes]) -> None:
        """None stands for every cooperative."""
        self._days: dict[tuple[int, str], list[tuple[date, date | None]]] = defaultdict(list)
        memberships = Membership.objects.order_by()
        if cooperative_ids is not None:
            memberships = memberships.filter(cooperative_id__in=cooperative_ids)
        for cooperative_id, valid_from, valid_to, account_id, *contacts in memberships.values_list(
            "cooperative_id", "valid_from", "valid_to", "user_id", "phone", "email", "user__phone", "user__email"
        ):
            phone, email, account_phone, account_email = contacts
            own = hash_contacts(account_id=account_id, phone=phone, email=email)
            account = hash_contacts(account_id=None, phone=account_phone, email=account_email)
            for value in {*own, *account} - {""}:
                self._days[cooperative_id, value].append((valid_from, valid_to))

    def holds(self, cooperative_id: int, on: date, hashes: Collection[str]) -> bool:
        """Whether any of the contacts belonged to the cooperative's people on the day."""
        return any(
            valid_from <= on and (valid_to is None or on < valid_to)
            for value in hashes
            for valid_from, valid_to in self._days.get((cooperative_id, value), ())
        )
