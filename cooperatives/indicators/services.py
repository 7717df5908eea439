"""The official targets and the rule's first version."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from cooperatives.indicators.models import CoverageRule, Indicator, IndicatorTarget

PLAN = "Kế hoạch của tỉnh ngày 23/03/2023 thực hiện Quyết định 924/QĐ-TTg"
# The plan is for 2021-2025; until the next one brings other targets, its own are shown.
PLAN_FROM = date(2021, 1, 1)
FIRST_VERSION = "v1"

_TARGETS = (
    (Indicator.L1, IndicatorTarget.Comparison.MORE_THAN, Decimal("70.0")),
    (Indicator.L2, IndicatorTarget.Comparison.AT_LEAST, Decimal("70.0")),
    (Indicator.L3, IndicatorTarget.Comparison.AT_LEAST, Decimal("50.0")),
)


@transaction.atomic
def load_rules_and_targets() -> int:
    """Adds the official targets and rule v1 where they are missing; returns how many rows that were.

    What an official has closed or changed since is left as it is.
    """
    added = 0
    for indicator, comparison, aimed in _TARGETS:
        _row, is_new = IndicatorTarget.objects.get_or_create(
            indicator=indicator,
            valid_from=PLAN_FROM,
            defaults={"comparison": comparison, "percentage": aimed, "legal_source": PLAN},
        )
        added += is_new
    _rule, is_new = CoverageRule.objects.get_or_create(
        version=FIRST_VERSION,
        defaults={
            "valid_from": PLAN_FROM,
            "window_days": 365,
            "minimum_buyers": 3,
            "required_level": 2,
            "legal_source": PLAN,
        },
    )
    return added + is_new
