"""Phone numbers: typed in any Vietnamese way, stored as E.164, shown as "0912 345 678"."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from marketplace.common.errors import DomainError

REGION = "VN"

# Mobile numbers of eleven digits, renumbered to ten by the plan of 2018.
_OLD_MOBILE = re.compile(r"(?:0|\+?84|0084)1(?:2\d|6[2-9]|8[68]|99)\d{7}")
_SEPARATORS = re.compile(r"[\s.\-()\u2010-\u2015]+")
_PERSONAL = frozenset(
    {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP}
)
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class PhoneError(DomainError):
    code = "phone"


class PhoneInvalidError(PhoneError):
    code = "phone_invalid"
    message = _("This phone number is not right. Example: 0912 345 678.")


class PhoneOldElevenDigitsError(PhoneError):
    code = "phone_old_eleven_digits"
    message = _("Numbers of 11 digits were changed in 2018: enter the number of 10 digits.")


class PhoneNotMobileError(PhoneError):
    code = "phone_not_mobile"
    message = _("Enter a mobile number: this one cannot receive messages.")


def parse_phone(text: str, *, mobile_only: bool = False, hotline_allowed: bool = False) -> str:
    """The number as E.164. A number from abroad is accepted with its + and country code.

    Raises PhoneOldElevenDigitsError, PhoneNotMobileError (a landline, with `mobile_only`) or PhoneInvalidError; 1800 and 1900 numbers
    are invalid unless `hotline_allowed`.
    """
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"\+?[0-9]{8,17}", compact, re.ASCII):
        raise PhoneInvalidError
    if _OLD_MOBILE.fullmatch(compact):
        raise PhoneOldElevenDigitsError
    try:
        number = phonenumbers.parse(compact, REGION)
    except NumberParseException as error:
        raise PhoneInvalidError from error
    if not phonenumbers.is_valid_number(number):
        raise PhoneInvalidError
    kind = phonenumbers.number_type(number)
    if not hotline_allowed and kind not in _PERSONAL:
        raise PhoneInvalidError
    if mobile_only and kind not in _MOBILE:
        raise PhoneNotMobileError
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def format_phone(e164: object) -> str:
    """As "0912 345 678" for a Vietnamese number, "+44 20 7946 0958" for another.

    Takes E.164 or a PhoneNumber; text that is no number is returned as it is.
    """
    return _formatted(str(e164))


# A page and its messages print the same few numbers several times.
@lru_cache(maxsize=512)
def _formatted(e164: str) -> str:
    try:
        number = phonenumbers.parse(e164, REGION)
    except NumberParseException:
        return e164
    is_domestic = number.country_code == phonenumbers.country_code_for_region(REGION)
    style = PhoneNumberFormat.NATIONAL if is_domestic else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)
