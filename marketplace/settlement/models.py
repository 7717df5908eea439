"""What cooperatives owe the marketplace and are paid by it: fees, statements, payouts, bills, tax withheld."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.validity import DatedRow


class FeeRate(DatedRow):
    """The marketplace's fee in percent, from a day on: for everybody, a category with all below it, a cooperative, or one
    cooperative's goods of a category. The most specific row in force is the one that holds.
    """

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fee_rates",
        verbose_name=_("cooperative"),
    )
    category = models.ForeignKey(
        "catalogue.Category", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    rate = models.DecimalField(_("fee (%)"), max_digits=5, decimal_places=2)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            *DatedRow.Meta.constraints,
            models.CheckConstraint(
                name="fee_rate_is_percent",
                condition=Q(rate__gte=0) & Q(rate__lte=100),
                violation_error_message=_("A fee is a percentage: from 0 to 100."),
            ),
            # One scope has one rate a day at most: of its rows, one begins on a day and one is open.
            *(
                models.UniqueConstraint(
                    name=f"fee_rate_{name}",
                    fields=[*scope, "valid_from"],
                    condition=Q(
                        cooperative__isnull="cooperative" not in scope, category__isnull="category" not in scope
                    ),
                    violation_error_message=_("Another fee of the same scope begins on that day."),
                )
                for name, scope in (
                    ("once_default", ()),
                    ("once_cooperative", ("cooperative",)),
                    ("once_category", ("category",)),
                    ("once_both", ("cooperative", "category")),
                )
            ),
        ]

    def __str__(self) -> str:
        scope = [str(part) for part in (self.cooperative, self.category) if part]
        return f"{' · '.join(scope) or _('Everybody')}: {self.rate} %"
