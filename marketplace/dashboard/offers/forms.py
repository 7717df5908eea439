"""The operators' forms of an offer: who bears it, and no discount on delivery, which each cooperative charges itself."""

from typing import Any

from oscar.apps.dashboard.offers import forms

from marketplace.offer.models import Benefit, ConditionalOffer

ON_DELIVERY = frozenset({Benefit.SHIPPING_ABSOLUTE, Benefit.SHIPPING_FIXED_PRICE, Benefit.SHIPPING_PERCENTAGE})


class MetaDataForm(forms.MetaDataForm):
    class Meta(forms.MetaDataForm.Meta):
        model = ConditionalOffer
        fields = (*forms.MetaDataForm.Meta.fields, "funded_by")


class BenefitForm(forms.BenefitForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.fields["type"]
        kinds.choices = [choice for choice in kinds.choices if choice[0] not in ON_DELIVERY]  # type: ignore[attr-defined]
