"""The operators' forms of an offer: who bears it, and no discount on delivery, which each cooperative charges itself."""

from typing import Any

from oscar.apps.dashboard.offers import forms

from marketplace.offer.models import Benefit, ConditionalOffer

ON_DELIVERY = frozenset({Benefit.SHIPPING_ABSOLUTE, Benefit.SHIPPING_FIXED_PRICE, Benefit.SHIPPING_PERCENTAGE})


class RestrictionsForm(forms.RestrictionsForm):
    """The last step: Oscar carries nothing but name, description and kind over from the first."""

    class Meta(forms.RestrictionsForm.Meta):
        model = ConditionalOffer
        fields: tuple[str, ...] = ("funded_by", *forms.RestrictionsForm.Meta.fields)  # type: ignore[assignment]


class BenefitForm(forms.BenefitForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.fields["type"]
        kinds.choices = [choice for choice in kinds.choices if choice[0] not in ON_DELIVERY]  # type: ignore[attr-defined]
