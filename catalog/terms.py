"""What a listing is sold by: unit, step and price, and the stock counted in steps."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from cooperatives.partner.models import StockRecord
from marketplace.common.errors import DomainError
from marketplace.common.money import MAXIMUM_VND, AmountError, AmountTooLargeError, format_vnd
from marketplace.common.quantities import (
    MAXIMUM_STEPS,
    QuantityNotPositiveError,
    QuantityTooLargeError,
    SaleUnit,
    format_quantity,
    price_of_step,
    quantity_from_steps,
    require_whole_units,
    steps_from_quantity,
)

MAXIMUM_STEP = 10_000


class PriceNotPositiveError(AmountError):
    code = "price_not_positive"
    message = _("The price must be more than 0 ₫.")


class StockAllocatedError(DomainError):
    code = "stock_allocated"
    message = _("%(quantity)s are promised to orders: hand them over before changing the unit or the step.")


class StockNotConvertibleError(DomainError):
    code = "stock_not_convertible"
    message = _("The stock cannot be counted in the new unit: set it to 0, change the unit, then enter it again.")


@dataclass(frozen=True)
class Terms:
    """Checked terms of sale; prices in đồng."""

    sale_unit: SaleUnit
    step: Decimal
    price_per_unit: int
    step_price: int


def listing_terms(*, sale_unit: SaleUnit | str, step: Decimal, price_per_unit: int) -> Terms:
    """Raises AmountError for the price, QuantityError for the step; StepPriceNotWholeError for the two together."""
    unit = SaleUnit(sale_unit)
    if price_per_unit <= 0:
        raise PriceNotPositiveError
    if price_per_unit > MAXIMUM_VND:
        raise AmountTooLargeError(maximum=format_vnd(MAXIMUM_VND))
    if step <= 0:
        raise QuantityNotPositiveError
    if step > MAXIMUM_STEP:
        raise QuantityTooLargeError(maximum=format_quantity(MAXIMUM_STEP, unit))
    require_whole_units(step, unit)
    step_price = price_of_step(price_per_unit, step, unit)
    if step_price > MAXIMUM_VND:
        raise AmountTooLargeError(maximum=format_vnd(MAXIMUM_VND))
    return Terms(unit, step, price_per_unit, step_price)


def steps_in_stock(*, quantity: Decimal, step: Decimal, unit: SaleUnit | str) -> int:
    """Whole steps of a stock, from 0 to MAXIMUM_STEPS. Raises QuantityError."""
    if quantity == 0:
        return 0
    require_whole_units(quantity, unit)
    return steps_from_quantity(quantity, step, unit)


def convert_stock(*, stock: StockRecord, listing: Product, terms: Terms) -> None:
    """Counts the stock in the new steps, rounding down; sets `num_in_stock` and leaves saving to the caller.

    Raises StockAllocatedError while anything is promised, StockNotConvertibleError between units of another kind.
    """
    if (terms.sale_unit, terms.step) == (listing.sale_unit, listing.step):
        return
    if stock.num_allocated:
        promised = quantity_from_steps(stock.num_allocated, listing.step)
        raise StockAllocatedError(quantity=format_quantity(promised, listing.sale_unit))
    if not stock.num_in_stock:
        return
    quantity = quantity_from_steps(stock.num_in_stock, listing.step)
    steps = int(quantity * _ratio(SaleUnit(listing.sale_unit), terms.sale_unit) // terms.step)
    if steps > MAXIMUM_STEPS:
        raise QuantityTooLargeError(maximum=format_quantity(MAXIMUM_STEPS * terms.step, terms.sale_unit))
    stock.num_in_stock = steps


def present_steps(*, quantity: Decimal, unit: SaleUnit | str, listing: Product) -> int:
    """How many of the listing's steps of now a quantity sold by former ones makes, rounded down; 0 for another kind of unit."""
    try:
        return int(quantity * _ratio(SaleUnit(unit), SaleUnit(listing.sale_unit)) // listing.step)
    except StockNotConvertibleError:
        return 0


def _ratio(old: SaleUnit, new: SaleUnit) -> Decimal:
    """How many of the new unit one of the old unit is."""
    if old == new:
        return Decimal(1)
    if old.grams and new.grams:
        return Decimal(old.grams) / Decimal(new.grams)
    raise StockNotConvertibleError
