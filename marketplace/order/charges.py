"""What a line costs for a quantity other than the ordered one. Whole đồng, half rounded up."""

from dataclasses import dataclass
from decimal import Decimal

from marketplace.common.money import round_half_up, split_by_largest_remainder
from marketplace.order.models import Line


@dataclass(frozen=True, slots=True)
class Charge:
    """In đồng: the price before discounts, and what is taken off it, by who bears it."""

    full: int
    seller_discount: int
    marketplace_discount: int

    @property
    def total(self) -> int:
        return self.full - self.seller_discount - self.marketplace_discount


def charge_for(line: Line, units: Decimal) -> Charge:
    """Of so many units of the line, at its frozen price. Discounts shrink in proportion, and never grow.

    Only for a line that still stands as it was ordered: discounts that have shrunk are not known any more.
    """
    discounts = [int(line.seller_discount), int(line.marketplace_discount)]
    if units < line.units:
        less = round_half_up(sum(discounts) * units / line.units)
        discounts = split_by_largest_remainder(less, discounts) if less else [0, 0]
    return Charge(round_half_up(line.price_per_unit * units), *discounts)


def write_charge(line: Line, charge: Charge, packed_units: Decimal) -> None:
    """The line as it was packed; the caller brings the totals of its parcel and order into line."""
    line.packed_units = packed_units
    line.seller_discount, line.marketplace_discount = (
        Decimal(charge.seller_discount),
        Decimal(charge.marketplace_discount),
    )
    line.line_price_incl_tax = line.line_price_excl_tax = Decimal(charge.total)
    line.line_price_before_discounts_incl_tax = line.line_price_before_discounts_excl_tax = Decimal(charge.full)
    line.save(
        update_fields=[
            "packed_units",
            "seller_discount",
            "marketplace_discount",
            "line_price_incl_tax",
            "line_price_excl_tax",
            "line_price_before_discounts_incl_tax",
            "line_price_before_discounts_excl_tax",
            "num_allocated",
        ]
    )
