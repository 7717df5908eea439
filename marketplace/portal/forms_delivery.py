"""Forms by which a cooperative says how it delivers. They work without a script: a search is a button of the form."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.search import search_communes
from marketplace.common.errors import DomainError
from marketplace.common.forms import QuantityField, VndField
from marketplace.common.quantities import SaleUnit
from marketplace.common.text import clean_text, folded_tokens
from marketplace.common.weekdays import EVERY_DAY, NAMES, weekday_mask, weekdays_of
from marketplace.shipping.areas import areas_by_keys, areas_named
from marketplace.shipping.models import DeliveryMethod, DeliveryZone
from marketplace.shipping.rates import GRAMS_IN_KG, Rules, Tariff
from marketplace.shipping.services import MAXIMUM_AREAS, MAXIMUM_DAYS

Kind = DeliveryMethod.Kind

TIERS = range(1, 5)
MAXIMUM_FOUND = 8


class DomainForm(forms.Form):
    """Shows a refusal of the domain at the field that it is about; any other stands at the top."""

    refused_at: dict[str, str] = {}

    def refuse(self, error: DomainError) -> None:
        field = self.refused_at.get(error.code)
        self.add_error(field if field in self.fields else None, ValidationError(str(error), code=error.code))


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week as seven bits."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            coerce=int,
            choices=list(enumerate(NAMES)),
            error_messages={"required": _("Choose at least one day.")},
            **kwargs,
        )

    def clean(self, value: Any) -> int:
        return weekday_mask(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return weekdays_of(value) if isinstance(value, int) else value


def _time_field(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"))


def _days_field(label: Any, **kwargs: Any) -> forms.IntegerField:
    widget = forms.NumberInput({"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=0, max_value=MAXIMUM_DAYS, widget=widget, **kwargs)


class MethodForm(DomainForm):
    """A way of delivery that goes by zones."""

    refused_at = {"name_missing": "name"}

    kind = forms.ChoiceField(
        label=_("Who brings it"),
        choices=[
            (Kind.DELIVERY, _("We bring it ourselves, or by coach")),
            (Kind.CARRIER, _("The post or another carrier")),
        ],
        widget=forms.RadioSelect,
        initial=Kind.DELIVERY,
    )
    name = forms.CharField(
        label=_("Name, as buyers read it"),
        max_length=80,
        help_text=_("Example: By coach, to be fetched at the station."),
        error_messages={"required": _("Enter a name that buyers understand.")},
    )
    is_active = forms.BooleanField(label=_("Offer it to buyers"), required=False, initial=True)

    def told(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ZoneForm(DomainForm):
    """Where a way of delivery goes, and its charge by weight.

    `chosen` are the areas that the zone names, `candidates` those that the typed text may mean besides.
    """

    refused_at = {
        "area_missing": "area",
        "area_taken": "area",
        "area_not_valid": "area",
        "tier_missing": "charge_1",
        "tier_order": "up_to_1",
        "tier_charge": "charge_1",
        "tier_endless": "further_kg_charge",
        "days_order": "days_max",
    }

    is_nationwide = forms.BooleanField(label=_("The whole country"), required=False)
    area = forms.CharField(
        label=_("Commune, former district or province"),
        required=False,
        max_length=80,
        help_text=_("With or without marks. Example: trung khanh"),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    further_kg_charge = VndField(
        label=_("For each further kilogram, in đồng"),
        required=False,
        help_text=_("Left empty, nothing heavier is taken."),
    )
    free_from = VndField(
        label=_("Free for goods of at least, in đồng"), required=False, help_text=_("Left empty, it is never free.")
    )
    days_min = _days_field(_("Days at least"), initial=1)
    days_max = _days_field(_("Days at most"), initial=3)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        zone: DeliveryZone | None,
        on: date,
        chosen: Sequence[Any] = (),
        **kwargs: Any,
    ) -> None:
        self.on = on
        self.chosen: list[AdministrativeUnit] = list(chosen)
        self.candidates: list[AdministrativeUnit] = []
        initial = _initial_of(zone) if zone else {}
        super().__init__(data, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        for number in TIERS:
            self.fields[f"up_to_{number}"] = QuantityField(
                label=_("Up to (kg)"), unit=SaleUnit.KILOGRAM, required=False
            )
            self.fields[f"charge_{number}"] = VndField(label=_("Charge (đồng)"), required=False)
        if data is not None:
            self.chosen = _units_sent(data, on)

    @classmethod
    def searching(cls, data: QueryDict, *, on: date) -> "ZoneForm":
        """The form as it was typed, with what the text may mean, and nothing judged yet."""
        form = cls(zone=None, on=on, chosen=_units_sent(data, on), initial=data.dict())
        form._find(str(data.get("area", "")))
        return form

    @property
    def tier_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"up_to_{number}"], self[f"charge_{number}"]) for number in TIERS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number in TIERS:
            charge = f"charge_{number}"
            is_missing = cleaned.get(f"up_to_{number}") is not None and cleaned.get(charge) is None
            if is_missing and charge not in self.errors:
                self.add_error(charge, ValidationError(_("Enter the charge for this weight; 0 if it is free.")))
        typed = clean_text(cleaned.get("area", ""))
        if typed and not cleaned.get("is_nationwide"):
            self._add_typed(typed)
        return cleaned

    def _add_typed(self, typed: str) -> None:
        self._find(typed)
        exact = [unit for unit in self.candidates if folded_tokens(unit.name) == folded_tokens(typed)]
        sure = exact or self.candidates
        if len(sure) == 1:
            self.chosen.append(sure[0])
            self.candidates = []
        elif self.candidates:
            self.add_error("area", ValidationError(_("Several areas match. Tick yours below.")))
        elif not any(set(folded_tokens(typed)) <= set(folded_tokens(unit.name)) for unit in self.chosen):
            self.add_error("area", ValidationError(_("No area matches. Check the name, or try an old one.")))

    def _find(self, typed: str) -> None:
        taken = {unit.pk for unit in self.chosen}
        found = areas_named(clean_text(typed)[:80], on=self.on)
        self.candidates = [unit for unit in found if unit.pk not in taken]

    def told(self) -> dict[str, Any]:
        """What a valid form says, as `shipping.services.save_zone` takes it."""
        cleaned = self.cleaned_data
        tiers = [
            (_grams(cleaned[f"up_to_{number}"]), cleaned[f"charge_{number}"])
            for number in TIERS
            if cleaned[f"charge_{number}"] is not None
        ]
        return {
            "is_nationwide": cleaned["is_nationwide"],
            "units": self.chosen,
            "tariff": Tariff(tuple(tiers), cleaned["further_kg_charge"], cleaned["free_from"]),
            "days_min": cleaned["days_min"],
            "days_max": cleaned["days_max"],
        }


class PickupForm(DomainForm):
    """A place where buyers fetch their goods."""

    refused_at = {"name_missing": "name", "pickup_place": "commune", "hours_order": "closes_at"}

    name = forms.CharField(
        label=_("Name of the place"),
        max_length=80,
        help_text=_("Example: At the cooperative, or: Stall at the Sunday market."),
        error_messages={"required": _("Enter a name that buyers understand.")},
    )
    address = forms.CharField(
        label=_("House number, street, hamlet"),
        max_length=160,
        error_messages={"required": _("Enter the house number, street or hamlet.")},
    )
    commune = forms.CharField(
        label=_("Commune or ward"),
        max_length=120,
        help_text=_("With or without marks, old names too. Example: dam thuy, cao bang."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Enter the commune or ward.")},
    )
    commune_id = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    open_weekdays = WeekdaysField(label=_("Open on"), initial=EVERY_DAY)
    opens_at = _time_field(_("Opens at"))
    closes_at = _time_field(_("Closes at"))
    ready_days = _days_field(_("Ready after so many days"), initial=1)
    note = forms.CharField(
        label=_("Note for the buyer"), required=False, max_length=160, help_text=_("Example: call before you come.")
    )
    is_active = forms.BooleanField(label=_("Offer it to buyers"), required=False, initial=True)

    def __init__(self, data: QueryDict | None = None, *, point: DeliveryMethod | None, on: date) -> None:
        self.on = on
        self.unit: AdministrativeUnit | None = point.commune if point else None
        self.candidates: list[AdministrativeUnit] = []
        super().__init__(data, initial=_initial_of_point(point) if point else {})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "commune" not in cleaned:
            return cleaned
        text, chosen = cleaned["commune"], cleaned.get("commune_id")
        found = [match.unit for match in search_communes(clean_text(text), on=self.on, limit=MAXIMUM_FOUND)]
        named = [unit for unit in found if unit.pk == chosen] or found
        exact = [unit for unit in named if folded_tokens(unit.name) == folded_tokens(text.partition(",")[0])]
        sure = named if len(named) == 1 else exact
        self.unit = sure[0] if len(sure) == 1 else None
        if self.unit is None:
            self.candidates = found
            self.add_error("commune", ValidationError(_several(found)))
        return cleaned

    def told(self) -> dict[str, Any]:
        """What a valid form says, as `shipping.services.save_pickup_point` takes it."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "commune_id"}
        return {**cleaned, "commune": self.unit}


class RulesForm(DomainForm):
    """What the cooperative asks of every order."""

    minimum_order = VndField(
        label=_("Least value of goods, in đồng"), required=False, help_text=_("Left empty, every order is taken.")
    )
    lead_days = _days_field(_("Days to prepare an order"), initial=0)
    order_weekdays = WeekdaysField(label=_("Orders are taken on"), initial=EVERY_DAY)
    order_until = _time_field(_("Until (hour)"))
    send_weekdays = WeekdaysField(label=_("Parcels leave on"), initial=EVERY_DAY)

    def __init__(self, data: QueryDict | None = None, *, rules: Rules) -> None:
        initial = {
            "minimum_order": rules.minimum_order or None,
            "lead_days": rules.lead_days,
            "order_weekdays": rules.order_weekdays,
            "order_until": rules.order_until,
            "send_weekdays": rules.send_weekdays,
        }
        super().__init__(data, initial=initial)

    def told(self) -> dict[str, Any]:
        """What a valid form says, as `shipping.services.set_ordering_rules` takes it."""
        return {**self.cleaned_data, "minimum_order": self.cleaned_data["minimum_order"] or 0}


def _several(found: Sequence[AdministrativeUnit]) -> Any:
    if found:
        return _("Several communes match. Choose yours below.")
    return _("No commune or ward of today matches. Check the name, or try an old one.")


def _units_sent(data: QueryDict, on: date) -> list[AdministrativeUnit]:
    keys = {
        int(key) for key in data.getlist("unit")[:MAXIMUM_AREAS] if key.isascii() and key.isdigit() and len(key) < 19
    }
    return areas_by_keys(keys, on=on) if keys else []


def _grams(kilograms: Decimal | None) -> int | None:
    return None if kilograms is None else int(kilograms * GRAMS_IN_KG)


def _initial_of(zone: DeliveryZone) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "is_nationwide": zone.is_nationwide,
        "further_kg_charge": zone.further_kg_charge,
        "free_from": zone.free_from,
        "days_min": zone.days_min,
        "days_max": zone.days_max,
    }
    for number, (up_to, charge) in enumerate(zone.tiers[: len(TIERS)], start=1):
        initial[f"up_to_{number}"] = None if up_to is None else Decimal(up_to) / GRAMS_IN_KG
        initial[f"charge_{number}"] = charge
    return initial


def _initial_of_point(point: DeliveryMethod) -> dict[str, Any]:
    commune = point.commune
    return {
        "name": point.name,
        "address": point.address,
        "commune": f"{commune.name}, {commune.province.name}" if commune and commune.province else "",
        "commune_id": point.commune_id,
        "open_weekdays": point.open_weekdays,
        "opens_at": point.opens_at,
        "closes_at": point.closes_at,
        "ready_days": point.ready_days,
        "note": point.note,
        "is_active": point.is_active,
    }
