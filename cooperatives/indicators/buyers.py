"""Distinct buyers: connected components of orders that share an account, a phone or an e-mail, up to a day."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import date

from cooperatives.indicators.facts import Contact


class Buyers:
    """Tells buyers apart on any day.

    A component joins orders over all time; on a day it may still be several buyers, because the order that joins
    them had not been placed.
    """

    def __init__(self, contacts: Mapping[int, Sequence[Contact]]) -> None:
        self._contacts = contacts
        self._divided: dict[tuple[int, date], dict[str, str]] = {}

    def of(self, order_key: str, component: int, day: date) -> Hashable:
        """Whoever placed the order, as known on the day: equal for two orders of one buyer. Tells nothing of them."""
        if component not in self._contacts:
            return component or order_key
        if (component, day) not in self._divided:
            self._divided[component, day] = _joined(
                [contact for contact in self._contacts[component] if contact.placed_on <= day]
            )
        return self._divided[component, day].get(order_key, order_key)


def _joined(contacts: Sequence[Contact]) -> dict[str, str]:
    """For each order the first order of its component."""
    root = {contact.order_key: contact.order_key for contact in contacts}

    def find(order_key: str) -> str:
        while root[order_key] != order_key:
            root[order_key] = root[root[order_key]]
            order_key = root[order_key]
        return order_key

    seen: dict[tuple[str, str], str] = {}
    for contact in contacts:
        for kind in ("account", "phone", "email"):
            value = getattr(contact, kind)
            if value:
                other = seen.setdefault((kind, value), contact.order_key)
                root[find(contact.order_key)] = find(other)
    return {order_key: find(order_key) for order_key in root}
