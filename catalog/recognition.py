"""What a listing may say of OCOP: the stars of a recognition that is in force, of this cooperative and these goods."""

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext_lazy as _

from catalog.publications import ListingError
from cooperatives.certificates.models import OcopRecognition
from cooperatives.commodities.models import Commodity
from cooperatives.commodities.selectors import is_of
from marketplace.common.text import fold

_NUMBERS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5}
_STARS = re.compile(rf"(\d+|\b(?:{'|'.join(_NUMBERS)}))\s*sao\b")
_OCOP = re.compile(r"(?<![a-z0-9])o[\W_]?c[\W_]?o[\W_]?p(?![a-z])")
_SIGNS = re.compile(r"[★⭐🌟]")


class TitleClaimsOcopError(ListingError):
    code = "title_claims_ocop"
    message = _(
        "The name speaks of OCOP or of stars: choose the recognition in force that says so, or leave it out of the name."
    )


class TitleClaimsOtherStarsError(ListingError):
    code = "title_claims_other_stars"
    message = _("The name speaks of other stars than the recognition, which says %(stars)s.")


class RecognitionNotFittingError(ListingError):
    code = "recognition_not_fitting"
    message = _("This recognition is not in force, or not of these goods.")


def stars_claimed(title: str) -> set[int]:
    """The numbers of stars that a name speaks of, as "4 sao" or "bốn sao"."""
    text = unicodedata.normalize("NFKC", title).casefold()
    return {_NUMBERS.get(number) or int(number) for number in _STARS.findall(text)}


def claims_ocop(title: str) -> bool:
    """Whether the name speaks of OCOP or of stars at all."""
    plain = fold(unicodedata.normalize("NFKC", title))
    return bool(_OCOP.search(plain) or _SIGNS.search(title) or stars_claimed(title))


def require_honest_title(*, title: str, recognition: OcopRecognition | None, today: date) -> None:
    """Raises TitleClaimsOcopError or TitleClaimsOtherStarsError for a claim that no recognition in force bears out."""
    if not claims_ocop(title):
        return
    if recognition is None or not recognition.is_in_force(today):
        raise TitleClaimsOcopError
    if stars_claimed(title) - {recognition.stars}:
        raise TitleClaimsOtherStarsError(stars=recognition.stars)


def require_fitting(
    *, recognition: OcopRecognition | None, cooperative_id: int | None, commodity: Commodity | None, today: date
) -> None:
    """Raises RecognitionNotFittingError unless it is the cooperative's own, in force, and of the commodity or one above."""
    if recognition is None:
        return
    is_own = recognition.cooperative_id == cooperative_id
    is_of_goods = commodity is not None and is_of(commodity, recognition.commodity)
    if not (is_own and is_of_goods and recognition.is_in_force(today)):
        raise RecognitionNotFittingError
