"""Tax codes: ten digits with a check digit, a branch's three more, or the twelve digits of a person.

Since 01/07/2025 households and individuals use their personal number as tax code.
"""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_ORGANISATION = re.compile(r"([0-9]{10})(?:-?([0-9]{3}))?")
# The province of birth, the century and sex, the year of birth, and six digits of no meaning.
_PERSON = re.compile(r"0[0-9]{2}[0-3][0-9]{8}")


class TaxCodeError(DomainError):
    code = "tax_code"
    message = _("Enter a tax code of 10 digits, of 13 for a branch, or the 12 digits of a personal number.")


class TaxCodeChecksumError(TaxCodeError):
    code = "tax_code_checksum"
    message = _("The tax code does not match its check digit. Please look at it again.")


def parse_tax_code(text: str) -> str:
    """As "0100109106", "0100109106-001" or "004093001234". Raises TaxCodeError or TaxCodeChecksumError."""
    typed = re.sub(r"[\s.]", "", unicodedata.normalize("NFKC", text))
    if _PERSON.fullmatch(typed):
        return typed
    found = _ORGANISATION.fullmatch(typed)
    if found is None:
        raise TaxCodeError
    number, branch = found.groups()
    if 10 - sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11 != int(number[9]):
        raise TaxCodeChecksumError
    return f"{number}-{branch}" if branch else number


def shown_tax_code(code: str) -> str:
    """A person's number with its middle hidden; an organisation's in full."""
    return f"{code[:4]}••••••{code[-2:]}" if _PERSON.fullmatch(code) else code
