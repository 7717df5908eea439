"""The marketplace's fee: which rate holds for a listing on a day."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Product
from marketplace.common.errors import DomainError
from marketplace.settlement.models import FeeRate

NO_FEE = Decimal(0)


class FeeRateOverlapsError(DomainError):
    code = "fee_rate_overlaps"
    message = _("A later fee of the same scope is already there: it begins on %(day)s.")


def rates_for(listings: Iterable[Product], on: date) -> dict[int, Decimal]:
    """The fee in percent by the listing's id, on the day; 0 where no row holds. One query, whatever their number.

    A cooperative's rate for a category comes before its rate for all its goods, that before the category's (the deeper
    category first), and that before the general one.
    """
    keys = [listing.pk for listing in listings]
    if not keys:
        return {}
    return dict(Product.objects.filter(pk__in=keys).order_by().annotate(fee=fee_rate(on)).values_list("pk", "fee"))


def fee_rate(on: date) -> Coalesce:
    """The fee in percent of a listing on the day, for a queryset of listings."""
    return Coalesce(Subquery(_rates_of_outer(on).values("rate")[:1]), Value(NO_FEE))


def set_fee(
    *,
    rate: Decimal,
    valid_from: date,
    cooperative_id: int | None = None,
    category_id: int | None = None,
    note: str = "",
) -> FeeRate:
    """The new row; the one of the same scope that held until then is closed on its first day.

    Raises FeeRateOverlapsError when a row of the scope begins on that day or later; then nothing is changed.
    """
    with transaction.atomic():
        of_scope = FeeRate.objects.filter(cooperative=cooperative_id, category=category_id)
        later = of_scope.filter(valid_from__gte=valid_from).order_by("valid_from").first()
        if later is not None:
            raise FeeRateOverlapsError(day=later.valid_from.strftime("%d/%m/%Y"))
        of_scope.in_force(valid_from).update(valid_to=valid_from)
        row = FeeRate(
            cooperative_id=cooperative_id, category_id=category_id, rate=rate, valid_from=valid_from, note=note
        )
        row.full_clean()
        row.save(force_insert=True)
        return row


def _rates_of_outer(on: date) -> QuerySet[FeeRate]:
    """Rows for the listing of the outer query, the most specific first."""
    listings_category = Category.objects.filter(pk=OuterRef(OuterRef("category")))
    return (
        FeeRate.objects.in_force(on)
        .filter(Q(cooperative__isnull=True) | Q(cooperative=OuterRef("cooperative")))
        .filter(
            Q(category__isnull=True) | Exists(listings_category.filter(path__startswith=OuterRef("category__path")))
        )
        .annotate(
            narrowness=Case(
                When(cooperative__isnull=False, category__isnull=False, then=3),
                When(cooperative__isnull=False, then=2),
                When(category__isnull=False, then=1),
                default=0,
                output_field=IntegerField(),
            ),
        )
        .order_by("-narrowness", "-category__depth", "-valid_from", "-pk")
    )
