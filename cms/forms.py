"""Forms of the registry. Dated rows are closed and appended, not rewritten: what is frozen is shown and kept."""

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.groups import COMMUNE_OFFICIALS, DECIDE, PROVINCE_OFFICIALS
from cms.models import OfficialScope
from cms.permissions import units_answered_for, within_scope
from cms.units import parse_unit, unit_text
from cooperatives.commodities.models import Commodity, mask_of_months
from cooperatives.indicators.models import CoverageRule, IndicatorTarget
from cooperatives.linkage.models import (
    KeyProduct,
    LinkageArea,
    LinkageContract,
    LinkageCounterparty,
    LinkageModel,
    LinkageParticipant,
)
from cooperatives.linkage.registry import require_once_per_day
from cooperatives.models import Cooperative, CooperativeActivity, CooperativeCommune
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.errors import DomainError
from marketplace.common.validity import DatedRow
from marketplace.users.models import User

# The ladder of evidence ends there.
HIGHEST_LEVEL = 4
OFFICIALS = (PROVINCE_OFFICIALS, COMMUNE_OFFICIALS)


def field_for(db_field: models.Field, **kwargs: Any) -> forms.Field | None:
    """Days are typed as dd/mm/yyyy, decimals with a comma, with the keyboard of numbers."""
    if isinstance(db_field, models.DecimalField):
        kwargs["localize"] = True
    if isinstance(db_field, models.TextField):
        kwargs["widget"] = forms.Textarea(attrs={"rows": 3})
    if isinstance(db_field, models.DateField):
        kwargs["widget"] = forms.DateInput(
            format="%d/%m/%Y", attrs={"placeholder": "dd/mm/yyyy", "inputmode": "numeric", "autocomplete": "off"}
        )
        kwargs["error_messages"] = {"invalid": _("This day is not right. Example: 25/12/2026.")}
    return db_field.formfield(**kwargs)


class RegistryMeta:
    formfield_callback = staticmethod(field_for)


class RegistryForm(forms.ModelForm):
    """A form that knows who fills it and what day it is. Of a frozen row only the end, if still open, may be set."""

    always_open: tuple[str, ...] = ()

    def __init__(
        self, *args: Any, user: User | AnonymousUser, today: date, is_frozen: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.today = today
        self.is_frozen = is_frozen
        if "cooperative" in self.fields:
            self._offer_cooperatives()
        if is_frozen and self.instance.pk:
            self.freeze()

    def _offer_cooperatives(self) -> None:
        """Those that the person answers for; an entered one stays, and a frozen row asks for no list of others."""
        mine = Q(pk__in=within_scope(Cooperative.objects.all(), self.user).values("pk"))
        entered = self.instance.cooperative if self.instance.pk else None
        field = self.choices_of("cooperative")
        field.queryset = Cooperative.objects.filter(mine | Q(pk=entered.pk) if entered else mine)
        if entered and self.is_frozen:
            field.choices = [(entered.pk, str(entered))]

    def _post_clean(self) -> None:
        """The row as it would be stored is compared with those that are."""
        super()._post_clean()  # type: ignore[misc]
        if isinstance(self.instance, DatedRow) and not self.errors and self.has_changed():
            try:
                require_once_per_day(self.instance)
            except DomainError as error:
                self.add_error(None, ValidationError(str(error), code=error.code))

    def choices_of(self, name: str) -> forms.ModelChoiceField:
        return cast("forms.ModelChoiceField", self.fields[name])

    def freeze(self) -> None:
        closed = getattr(self.instance, "valid_to", None)
        for name, field in self.fields.items():
            may_close = name == "valid_to" and (closed is None or closed > self.today)
            field.disabled = not (may_close or name in self.always_open)


class LocatedForm(RegistryForm):
    """A dated row that names a commune. The code is read on the day that the row begins."""

    unit_level: AdministrativeUnit.Level | None = AdministrativeUnit.Level.COMMUNE

    unit_text = forms.CharField(
        label=_("Commune"),
        max_length=120,
        help_text=_("Code and name, as valid on the first day of the row."),
        widget=forms.TextInput(attrs={"list": "unit-options", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["unit_text"].initial = unit_text(self.instance.unit)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text, valid_from = cleaned.get("unit_text"), cleaned.get("valid_from")
        # A row that another official entered keeps its unit, whoever saves the form again.
        is_entered = self.instance.pk and not {"unit_text", "valid_from"}.intersection(self.changed_data)
        if text and valid_from and not is_entered:
            try:
                self.instance.unit = parse_unit(
                    text, on=valid_from, allowed=units_answered_for(self.user, self.today), level=self.unit_level
                )
            except DomainError as error:
                self.add_error("unit_text", ValidationError(str(error), code=error.code))
        return cleaned


class KeyProductForm(LocatedForm):
    always_open = ("decision_number",)

    class Meta(RegistryMeta):
        model = KeyProduct
        fields = ["unit_text", "commodity", "valid_from", "valid_to", "decision_number"]


class ParticipantForm(RegistryForm):
    class Meta(RegistryMeta):
        model = LinkageParticipant
        fields = ["cooperative", "valid_from", "valid_to"]


class AreaForm(LocatedForm):
    class Meta(RegistryMeta):
        model = LinkageArea
        fields = ["unit_text", "hectares", "households", "valid_from", "valid_to"]


class CounterpartyForm(RegistryForm):
    class Meta(RegistryMeta):
        model = LinkageCounterparty
        fields = ["name", "kind", "tax_code", "valid_from", "valid_to"]


class ContractForm(RegistryForm):
    class Meta(RegistryMeta):
        model = LinkageContract
        fields = ["number", "signed_on", "valid_from", "valid_to", "volume_kg", "price_rule"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        refuse_inverted_period(self, cleaned)
        return cleaned


class LinkageModelForm(RegistryForm):
    always_open = ("name", "valid_to", "note")

    class Meta(RegistryMeta):
        model = LinkageModel
        fields = ["code", "name", "commodity", "form", "valid_from", "valid_to", "note"]

    def freeze(self) -> None:
        """What was submitted ends when those who decide on it say so: its end moves the coverage of past days."""
        super().freeze()
        self.fields["valid_to"].disabled = not self.user.has_perm(DECIDE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        refuse_inverted_period(self, cleaned)
        return cleaned


class CooperativeForm(RegistryForm):
    class Meta(RegistryMeta):
        model = Cooperative
        fields = [
            "name",
            "short_name",
            "slug",
            "kind",
            "size",
            "governance",
            "registration_number",
            "registered_on",
            "registered_by",
            "representative",
            "representative_title",
            "charter_capital",
            "member_count",
            "female_member_count",
            "street_address",
            "phone",
            "email",
        ]
        labels = {"name": _("Registered name")}


class ServedCommuneForm(LocatedForm):
    class Meta(RegistryMeta):
        model = CooperativeCommune
        fields = ["unit_text", "role", "valid_from", "valid_to"]


class ActivityForm(RegistryForm):
    class Meta(RegistryMeta):
        model = CooperativeActivity
        fields = ["valid_from", "valid_to"]


class TargetForm(RegistryForm):
    class Meta(RegistryMeta):
        model = IndicatorTarget
        fields = ["indicator", "comparison", "percentage", "legal_source", "valid_from", "valid_to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["percentage"].validators.append(MinValueValidator(0))


class RuleForm(RegistryForm):
    class Meta(RegistryMeta):
        model = CoverageRule
        fields = [
            "version",
            "window_days",
            "minimum_buyers",
            "required_level",
            "legal_source",
            "valid_from",
            "valid_to",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing would count in a window of no days, and everything from nobody or from level 0.
        for name in ("window_days", "minimum_buyers", "required_level"):
            self.fields[name].validators.append(MinValueValidator(1))
        self.fields["required_level"].validators.append(MaxValueValidator(HIGHEST_LEVEL))


class OfficialScopeForm(LocatedForm):
    unit_level = None

    class Meta(RegistryMeta):
        model = OfficialScope
        fields = ["user", "unit_text", "valid_from", "valid_to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_text"].label = _("Administrative unit")
        self.choices_of("user").queryset = User.objects.filter(is_active=True, groups__name__in=OFFICIALS).distinct()


class CommodityForm(RegistryForm):
    """A commodity under another one, or at the top of the tree. Its place is chosen once."""

    # What search finds it by is no evidence.
    always_open = ("aliases",)

    parent = forms.ModelChoiceField(
        Commodity.objects.all(), required=False, label=_("Kind of"), empty_label=_("(top of the tree)")
    )
    months = forms.TypedMultipleChoiceField(
        coerce=int,
        choices=[(month, str(month)) for month in range(1, 13)],
        widget=forms.CheckboxSelectMultiple,
        label=_("Months of the season"),
    )

    class Meta(RegistryMeta):
        model = Commodity
        fields = ["code", "name", "name_en", "category", "default_unit", "aliases"]
        help_texts = {
            "aliases": _("Local, southern and misspelt names, one a line. Search finds them; nobody sees them.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"].initial = self.instance.months
        if self.instance.pk:
            self.fields["parent"].initial = self.instance.get_parent()
            self.fields["parent"].disabled = True

    def save(self, commit: bool = True) -> Commodity:  # noqa: FBT001, FBT002 - Django's signature
        commodity = super().save(commit=False)
        commodity.season_months = mask_of_months(self.cleaned_data["months"])
        if commodity.pk:
            commodity.save()
        elif parent := self.cleaned_data.get("parent"):
            parent.add_child(instance=commodity)
        else:
            Commodity.add_root(instance=commodity)
        return commodity


class DecisionForm(forms.Form):
    """A decision about a linkage model's status: its day and its number."""

    decided_on = forms.DateField(
        label=_("Decided on"),
        error_messages={"invalid": _("This day is not right. Example: 25/12/2026.")},
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"placeholder": "dd/mm/yyyy", "inputmode": "numeric"}),
    )
    decision_number = forms.CharField(label=_("Decision number"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


def refuse_inverted_period(form: forms.ModelForm, cleaned: dict[str, Any]) -> None:
    """For models that are no dated rows: the end must be later than the start."""
    start, end = cleaned.get("valid_from"), cleaned.get("valid_to")
    if start and end and end <= start and not issubclass(form._meta.model, DatedRow):
        form.add_error("valid_to", _("The end must be later than the start."))
