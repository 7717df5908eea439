"""Ordering the same again: what of an order can still be had goes into the basket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marketplace.basket.models import Basket
from marketplace.basket.selectors import listing_for_basket
from marketplace.basket.services import add_to_basket
from marketplace.common.errors import DomainError
from marketplace.order.models import Line


@dataclass(frozen=True)
class Reordered:
    """Titles that went into the basket, and for each other line why it did not."""

    added: list[str]
    problems: list[str]


def reorder(*, basket: Basket, lines: Iterable[Line], on: date) -> Reordered:
    """Adds what the lines held to the basket, at today's prices; a line that cannot be had is told and left out."""
    added, problems = [], []
    for line in lines:
        listing = listing_for_basket(line.product_id) if line.product_id else None
        if listing is None:
            problems.append(_("%(title)s: no longer on sale.") % {"title": line.title})
            continue
        if listing.sale_unit != line.sale_unit:
            problems.append(_("%(title)s: it is sold by another unit now. Choose it anew.") % {"title": line.title})
            continue
        try:
            add_to_basket(basket=basket, listing=listing, quantity=line.units, on=on)
        except DomainError as error:
            problems.append(_("%(title)s: %(problem)s") % {"title": line.title, "problem": error})
        else:
            added.append(line.title)
    return Reordered(added, problems)
