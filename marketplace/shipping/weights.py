"""What a line weighs, as far as it is known: the charge of delivery goes by it, the price of the goods never does."""

from decimal import ROUND_CEILING, Decimal

from catalog.models import Product
from marketplace.common.quantities import SaleUnit, quantity_from_steps
from marketplace.shipping.rates import GRAMS_IN_KG

# Grams of one unit, packing included, for a listing that does not say: what Cao Bằng's cooperatives sell by it.
USUAL_GRAMS = {
    SaleUnit.LITRE: 1_100,
    SaleUnit.MILLILITRE: 1,
    SaleUnit.PIECE: 500,
    SaleUnit.FRUIT: 1_000,
    SaleUnit.BOX: 1_000,
    SaleUnit.BUNDLE: 500,
    SaleUnit.PACK: 500,
    SaleUnit.BAG: 1_000,
    SaleUnit.BOTTLE: 1_000,
    SaleUnit.JAR: 800,
    SaleUnit.ANIMAL: 2_000,
    SaleUnit.TREE: 2_000,
}


def line_grams(listing: Product, steps: int) -> int:
    """Of so many steps of the listing."""
    units = quantity_from_steps(steps, listing.step)
    return grams_of(sale_unit=listing.sale_unit, units=units, unit_weight_kg=listing.unit_weight_kg)


def grams_of(*, sale_unit: str, units: Decimal, unit_weight_kg: Decimal | None) -> int:
    """Exact for units of weight, then by what the listing says one weighs, then by what is usual.

    A fraction of a gram counts as one.
    """
    unit = SaleUnit(sale_unit)
    if unit.grams is not None:
        each = Decimal(unit.grams)
    elif unit_weight_kg is not None:
        each = unit_weight_kg * GRAMS_IN_KG
    else:
        each = Decimal(USUAL_GRAMS[unit])
    return int((units * each).to_integral_value(ROUND_CEILING))
