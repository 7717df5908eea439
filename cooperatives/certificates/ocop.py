"""OCOP: bands of the score, and how long a recognition holds (Decisions 919/QĐ-TTg 2022 and 148/QĐ-TTg 2023)."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

VALID_MONTHS = 36
# Stars -> [lowest score, first score above]; five stars end with 100 itself. Below 50 there is no recognition.
BANDS = {3: (50, 70), 4: (70, 90), 5: (90, 101)}
# Until then districts recognised three stars; since Decision 1489/QĐ-TTg the province does (three and four).
DISTRICTS_ENDED_ON = date(2025, 7, 1)


def expiry_of(decided_on: date) -> date:
    """The first day on which the recognition no longer holds: 36 months after the decision.

    A day that the month does not have becomes its last.
    """
    year, month = divmod(decided_on.year * 12 + decided_on.month - 1 + VALID_MONTHS, 12)
    return date(year, month + 1, min(decided_on.day, monthrange(year, month + 1)[1]))


def stars_of_score(score: Decimal) -> int:
    """3 to 5, or 0 for a score that gives no recognition."""
    return next((stars for stars, (low, above) in BANDS.items() if low <= score < above), 0)
