"""Oscar's partner is how the shop knows a cooperative; its stock records count steps (see orders-and-money)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _
from oscar.apps.partner.abstract_models import AbstractPartner, AbstractStockRecord

from cooperatives.models import Cooperative


class Partner(AbstractPartner):
    """The selling side of one cooperative."""

    cooperative = models.OneToOneField(
        Cooperative, models.PROTECT, null=True, related_name="partner", verbose_name=_("cooperative")
    )


class StockRecord(AbstractStockRecord):
    """Price and stock of one step of a listing, in whole đồng and whole steps."""

    class Meta(AbstractStockRecord.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(name="stockrecord_one_per_listing", fields=["product"]),
            models.CheckConstraint(
                name="stockrecord_allocation_within_stock",
                condition=Q(num_in_stock__isnull=True) | Q(num_in_stock__gte=Coalesce(F("num_allocated"), 0)),
            ),
            models.CheckConstraint(
                name="stockrecord_allocation_not_negative",
                condition=Q(num_allocated__isnull=True) | Q(num_allocated__gte=0),
            ),
            models.CheckConstraint(
                name="stockrecord_price_positive_whole_dong",
                condition=Q(price__isnull=True) | (Q(price__gt=0) & Q(price=Cast("price", models.BigIntegerField()))),
            ),
        ]


from oscar.apps.partner.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
