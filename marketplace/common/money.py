"""Money is whole đồng in an int: read, printed and shared out here. Never a float."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError

MAXIMUM_VND = 2_000_000_000
NBSP = "\u00a0"

_PLAIN = re.compile(r"[0-9]+")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([., '])[0-9]{3})(?:\1[0-9]{3})*")
_NUMERIC = re.compile(r"[0-9][0-9., ']*")
_CURRENCY = re.compile(r"\s*(?:₫|đồng|đ|vnđ|vnd)$", re.IGNORECASE)


class AmountError(DomainError):
    code = "amount"


class AmountNotANumberError(AmountError):
    code = "amount_not_a_number"
    message = _("Enter an amount in đồng. Example: 125.000.")


class AmountNotWholeError(AmountError):
    code = "amount_not_whole"
    message = _("The price must be a whole amount, in đồng.")


class AmountNegativeError(AmountError):
    code = "amount_negative"
    message = _("The amount must not be negative.")


class AmountTooLargeError(AmountError):
    code = "amount_too_large"
    message = _("The amount must not exceed %(maximum)s.")


def format_vnd(amount: int | Decimal) -> str:
    """As "125.000 ₫", with a no-break space. Raises ValueError for a Decimal that is not whole."""
    whole = int(amount)
    if whole != amount:
        raise ValueError(amount)
    return f"{group_thousands(whole)}{NBSP}₫"


def group_thousands(number: int) -> str:
    """As "1.250.000"; a minus sign stands before it."""
    return f"{number:,}".replace(",", ".")


def parse_vnd(text: str, *, maximum: int = MAXIMUM_VND) -> int:
    """Đồng as a person types them: 1250000, 1.250.000, 1,250,000, 1 250 000, with or without ₫.

    A separator before exactly three digits always groups thousands: "1.250" is one thousand two hundred and fifty.
    Anything else with a separator is a fraction and is refused. Raises AmountError.
    """
    cleaned = _CURRENCY.sub("", unicodedata.normalize("NFKC", text).strip())
    if cleaned.startswith(("-", "\u2212")) and _NUMERIC.fullmatch(cleaned[1:].strip()):
        raise AmountNegativeError
    if not _NUMERIC.fullmatch(cleaned):
        raise AmountNotANumberError
    if not (_PLAIN.fullmatch(cleaned) or _GROUPED.fullmatch(cleaned)):
        raise AmountNotWholeError
    digits = re.sub(r"[., ']", "", cleaned).lstrip("0") or "0"
    # The length first: int() of a very long string is slow, and refused by Python beyond 4,300 digits.
    if len(digits) > len(str(maximum)) or int(digits) > maximum:
        raise AmountTooLargeError(maximum=format_vnd(maximum))
    return int(digits)


def round_half_up(amount: Decimal) -> int:
    """Whole đồng; a half goes away from zero."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def split_by_largest_remainder(total: int, weights: Sequence[int | Decimal]) -> list[int]:
    """Whole shares in proportion to the weights, with the sum `total` exactly.

    What is left after rounding down goes, one đồng each, to the largest remainders, the earlier first. A negative
    total is shared as its opposite would be. A weight of 0 receives 0. Raises ValueError for a negative weight, and
    when a total other than 0 has nothing to be shared among.
    """
    fractions = [Fraction(weight) for weight in weights]
    if any(weight < 0 for weight in fractions):
        raise ValueError(weights)
    whole = sum(fractions)
    if not whole:
        if total:
            raise ValueError(total)
        return [0] * len(fractions)
    sign = -1 if total < 0 else 1
    exact = [abs(total) * weight / whole for weight in fractions]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[: abs(total) - sum(shares)]:
        shares[i] += 1
    return [sign * share for share in shares]
