"""Quantities of goods: people read and type units ("1,5 kg"); baskets and stock count whole steps.

A listing is sold by a unit in steps. Oscar's integer quantity counts steps and Oscar's price is the price of a step.
Numbers are printed the Vietnamese way in every language: a comma before decimals, dots between thousands.
"""

import re
import unicodedata
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.money import format_vnd, group_thousands

MAXIMUM_STEPS = 10**6
DECIMALS = 3

_WHOLE = re.compile(r"[0-9]+")
_COMMA_DECIMALS = re.compile(r"(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+),[0-9]+")
_DOT_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}")
_DOT_DECIMALS = re.compile(r"[0-9]+\.[0-9]+")


class SaleUnit(models.TextChoices):
    """Units that goods are sold by. The label is printed after the number: "1,5 kg"."""

    KILOGRAM = "kg", _("kg")
    GRAM = "g", _("g")
    TONNE = "tonne", _("tonne")
    LITRE = "litre", _("litre")
    MILLILITRE = "ml", _("ml")
    PIECE = "piece", _("piece")
    FRUIT = "fruit", _("fruit")
    BOX = "box", _("box")
    BUNDLE = "bundle", _("bundle")
    PACK = "pack", _("pack")
    BAG = "bag", _("bag")
    BOTTLE = "bottle", _("bottle")
    JAR = "jar", _("jar")
    ANIMAL = "animal", _("animal")
    TREE = "tree", _("tree")

    @property
    def is_divisible(self) -> bool:
        """Whether half of the unit can be sold."""
        return self in _DIVISIBLE

    @property
    def grams(self) -> int | None:
        """The weight of one unit, for units of weight."""
        return _GRAMS.get(self)


_DIVISIBLE = frozenset({SaleUnit.KILOGRAM, SaleUnit.GRAM, SaleUnit.TONNE, SaleUnit.LITRE, SaleUnit.MILLILITRE})
_GRAMS = {SaleUnit.GRAM: 1, SaleUnit.KILOGRAM: 1_000, SaleUnit.TONNE: 1_000_000}


class QuantityError(DomainError):
    code = "quantity"


class QuantityNotANumberError(QuantityError):
    code = "quantity_not_a_number"
    message = _("Enter a number. Example: 1,5.")


class QuantityAmbiguousError(QuantityError):
    code = "quantity_ambiguous"
    message = _("“%(text)s” can be read in two ways. Enter %(thousands)s or %(decimals)s.")


class QuantityTooPreciseError(QuantityError):
    code = "quantity_too_precise"
    message = _("At most three decimals.")


class QuantityNotWholeError(QuantityError):
    code = "quantity_not_whole"
    message = _("This is sold whole: enter a number without decimals (unit: %(unit)s).")


class QuantityNotPositiveError(QuantityError):
    code = "quantity_not_positive"
    message = _("The quantity must be more than 0.")


class QuantityNotMultipleError(QuantityError):
    code = "quantity_not_multiple"
    message = _("The quantity must be a multiple of %(step)s.")


class QuantityTooLargeError(QuantityError):
    code = "quantity_too_large"
    message = _("The quantity must not exceed %(maximum)s.")


class StepPriceNotWholeError(QuantityError):
    code = "step_price_not_whole"
    message = _("%(price)s for one unit gives a fraction of a đồng for %(step)s. Change the price or the step.")


def require_whole_units(quantity: Decimal, unit: SaleUnit | str) -> None:
    """Raises QuantityNotWholeError for 1,5 of a unit that is sold whole."""
    if not SaleUnit(unit).is_divisible and quantity != quantity.to_integral_value():
        raise QuantityNotWholeError(unit=SaleUnit(unit).label)


def parse_quantity(text: str, unit: SaleUnit | str | None = None) -> Decimal:
    """A quantity as a person types it; with a unit, one that the unit allows.

    The comma stands before decimals ("1,5", "1.500,5"). A single dot is read as a decimal point ("1.5"), except
    before exactly three digits: "1.000" is a thousand to some and one to others, and is refused. Zero is returned,
    not refused: stock may be 0. Raises QuantityError.
    """
    cleaned = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if cleaned.startswith(("-", "\u2212")):
        raise QuantityNotPositiveError
    if len(cleaned) > 20:
        raise QuantityNotANumberError
    if _WHOLE.fullmatch(cleaned) or _DOT_GROUPS.fullmatch(cleaned):
        number = cleaned.replace(".", "")
    elif _COMMA_DECIMALS.fullmatch(cleaned):
        number = cleaned.replace(".", "").replace(",", ".")
    elif _DOT_DECIMALS.fullmatch(cleaned):
        whole, decimals = cleaned.split(".")
        if len(decimals) == 3:
            raise QuantityAmbiguousError(
                text=cleaned, thousands=whole.lstrip("0") + decimals, decimals=f"{whole},{decimals}"
            )
        number = cleaned
    else:
        raise QuantityNotANumberError
    if "." in number and len(number.split(".")[1].rstrip("0")) > DECIMALS:
        raise QuantityTooPreciseError
    quantity = Decimal(number)
    if unit is not None:
        require_whole_units(quantity, unit)
    return quantity


def steps_from_quantity(quantity: Decimal, step: Decimal, unit: SaleUnit | str | None = None) -> int:
    """How many steps make the quantity: from 1 to MAXIMUM_STEPS.

    Raises QuantityNotPositiveError, QuantityNotMultipleError or QuantityTooLargeError; ValueError for a step that is not positive.
    With a unit, messages name it.
    """
    if step <= 0:
        raise ValueError(step)
    if quantity <= 0:
        raise QuantityNotPositiveError
    if quantity > step * MAXIMUM_STEPS:
        raise QuantityTooLargeError(maximum=_named(step * MAXIMUM_STEPS, unit))
    steps, rest = divmod(quantity, step)
    if rest:
        raise QuantityNotMultipleError(step=_named(step, unit))
    return int(steps)


def quantity_from_steps(steps: int, step: Decimal) -> Decimal:
    """The quantity in units that so many steps make."""
    return steps * step


def price_of_step(price_per_unit: int, step: Decimal, unit: SaleUnit | str | None = None) -> int:
    """Whole đồng for one step. Raises StepPriceNotWholeError when the product has a fraction."""
    price = price_per_unit * step
    if price != price.to_integral_value():
        raise StepPriceNotWholeError(price=format_vnd(price_per_unit), step=_named(step, unit))
    return int(price)


def format_number(number: Decimal | int) -> str:
    """As "1.250,5": grouped, without idle zeros."""
    text = f"{abs(Decimal(number)):f}"
    whole, _dot, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    sign = "-" if number < 0 else ""
    return f"{sign}{group_thousands(int(whole))}" + (f",{decimals}" if decimals else "")


def format_quantity(quantity: Decimal | int, unit: SaleUnit | str) -> str:
    """As "1,5 kg"."""
    return f"{format_number(quantity)} {SaleUnit(unit).label}"


def _named(quantity: Decimal, unit: SaleUnit | str | None) -> str:
    return format_number(quantity) if unit is None else format_quantity(quantity, unit)
