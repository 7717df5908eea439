"""Numbers of certificates and decisions as people write them: cleaned, and compared with their usual form."""

import re

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.text import clean_text

_GGN = re.compile(r"^\d{13}$")
# TCCS 774:2020/BVTV and 775:2020/BVTV, as VN-DTOR-0017. Letters after the merger of provinces are unknown: a soft rule.
_PLANTING_CODE = re.compile(r"^VN[- ]?([A-Z]{2,4}(?:OR|PH))[- ]?(\d{3,5})$")
_DECISION = re.compile(r"^\d{1,5}/QĐ-(UBND|TTg|BNN.*|BNNMT.*)$")


class GgnInvalidError(DomainError):
    code = "ggn_invalid"
    message = _("A GLOBALG.A.P. number (GGN) has 13 digits.")


def clean_ggn(number: str) -> str:
    """Thirteen digits without blanks. Raises GgnInvalidError."""
    digits = clean_text(number).replace(" ", "")
    if not _GGN.match(digits):
        raise GgnInvalidError
    return digits


def clean_planting_code(number: str) -> str:
    """In capitals with hyphens where it has the usual form, otherwise as it was given."""
    text = clean_text(number).upper()
    found = _PLANTING_CODE.match(text)
    return f"VN-{found[1]}-{found[2]}" if found else text


def is_usual_planting_code(number: str) -> bool:
    return bool(_PLANTING_CODE.match(number))


def is_usual_decision_number(number: str) -> bool:
    """As 124/QĐ-UBND; others exist and are kept."""
    return bool(_DECISION.match(number))
