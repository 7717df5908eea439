"""Oscar's offers, each of which names who bears its discount. Quantities count steps, as everywhere in Oscar's tables."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from oscar.apps.offer.abstract_models import AbstractBenefit, AbstractCondition, AbstractConditionalOffer, AbstractRange


class ConditionalOffer(AbstractConditionalOffer):
    """An offer that a cooperative bears looks at its goods alone, for the condition and for the discount."""

    funded_by = models.ForeignKey(
        "cooperatives.Cooperative",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="funded_offers",
        verbose_name=_("borne by"),
        help_text=_("The cooperative that bears the discount: only its goods then count. Empty: the marketplace."),
    )

    class Meta(AbstractConditionalOffer.Meta):
        abstract = False

    def apply_benefit(self, basket: Any) -> Any:
        """`basket` is `marketplace.offer.discounts.Goods`."""
        return super().apply_benefit(basket if self.funded_by_id is None else basket.of(self.funded_by_id))


class Range(AbstractRange):
    """Which listings an offer is about."""

    _contained: Collection[int] | None = None

    class Meta(AbstractRange.Meta):
        abstract = False

    def look_up(self, listing_ids: Collection[int]) -> None:
        """Asks once for a whole basket; Oscar asks for each line, for each rule, each time."""
        if self.proxy is None:
            contained = self.all_products().filter(pk__in=listing_ids)
            self._contained = frozenset(contained.values_list("pk", flat=True))

    def contains_product(self, product: Any) -> bool:
        return super().contains_product(product) if self._contained is None else product.pk in self._contained


class _KeepsItsRange:
    """Oscar makes another object of a rule each time that it looks at it, and forgets the range that was loaded."""

    def proxy(self) -> Any:
        proxied = super().proxy()  # type: ignore[misc]
        loaded = self._state.fields_cache.get("range")  # type: ignore[attr-defined]
        if loaded is not None:
            proxied._state.fields_cache["range"] = loaded  # noqa: SLF001 - where Django keeps what it has loaded
        return proxied


class Benefit(_KeepsItsRange, AbstractBenefit):
    class Meta(AbstractBenefit.Meta):
        abstract = False


class Condition(_KeepsItsRange, AbstractCondition):
    class Meta(AbstractCondition.Meta):
        abstract = False


from oscar.apps.offer.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
