"""The form by which a cooperative makes and edits a listing on one screen."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog import services
from catalog.confirmed import recognition_words
from catalog.descriptions import MAXIMUM_LENGTH, html_from_text, text_from_html
from catalog.models import Product
from catalog.photos import StoredPhoto, store_photo
from catalog.recognition import require_honest_title
from catalog.seasons import MONTHS, season_mask, season_months
from catalog.terms import listing_terms, steps_in_stock
from cooperatives.certificates.models import OcopRecognition
from cooperatives.certificates.selectors import recognitions_of_cooperative
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.common.forms import QuantityField, VndField
from marketplace.common.quantities import (
    QuantityError,
    SaleUnit,
    StepPriceNotWholeError,
    format_number,
    parse_quantity,
)

STEPS = tuple(Decimal(step) for step in ("0.1", "0.25", "0.5", "1", "2", "5", "10"))

MAXIMUM_UNIT_WEIGHT = 1_000

_PHOTO_SALT = "catalog.photo"
_PHOTO_MAXIMUM_AGE = 24 * 3600
# Where an error of a service is shown; any other stands at the top.
_FIELDS = {
    "title_missing": "title",
    "title_too_long": "title",
    "origin_missing": "origin",
    "origin_not_valid": "origin",
    "commodity_missing": "commodity",
    "season_invalid": "season",
    "title_claims_ocop": "title",
    "title_claims_other_stars": "title",
    "recognition_not_fitting": "recognition",
    "stock_allocated": "step",
    "stock_not_convertible": "sale_unit",
}


class CommodityChoiceField(forms.ModelChoiceField):
    """Commodities indented below the wider kind that they belong to."""

    def label_from_instance(self, obj: Commodity) -> str:
        return "\u2003" * (obj.depth - 1) + obj.name


class RecognitionChoiceField(forms.ModelChoiceField):
    """Recognitions by their product, stars and last day."""

    def label_from_instance(self, obj: OcopRecognition) -> str:
        return f"{obj.product_name} · {recognition_words(obj)}"


class ListingForm(forms.Form):
    """Takes the communes that the cooperative serves; keeps a photo that was sent while other fields are corrected.

    `kept_photo` is the photo sent with this or an earlier try; `photo_reference` is its signed name for the next one.
    """

    photo = forms.FileField(
        label=_("Take a photo"), required=False, allow_empty_file=True, help_text=_("Daylight, and the goods close by.")
    )
    gallery_photo = forms.FileField(label=_("or choose a photo that you have"), required=False, allow_empty_file=True)
    photo_reference = forms.CharField(required=False, widget=forms.HiddenInput)
    # The same form sent twice makes one listing.
    reference = forms.UUIDField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Name of the goods"),
        max_length=services.MAXIMUM_TITLE,
        error_messages={"required": services.TitleMissingError.message},
        help_text=_("What buyers read first. Example: Fresh Trùng Khánh chestnuts."),
    )
    commodity = CommodityChoiceField(
        label=_("Farm product"),
        queryset=Commodity.objects.none(),
        empty_label="—",
        error_messages={"required": _("Choose the farm product.")},
    )
    recognition = RecognitionChoiceField(
        label=_("OCOP stars"),
        queryset=OcopRecognition.objects.none(),
        required=False,
        empty_label=_("None for these goods"),
        help_text=_("Only of the very product that was recognised: its stars are shown until the recognition ends."),
    )
    origin = forms.ModelChoiceField(
        label=_("Grown or made in"),
        queryset=AdministrativeUnit.objects.none(),
        empty_label="—",
        error_messages={"required": _("Choose the commune.")},
    )
    sale_unit = forms.ChoiceField(label=_("Unit of sale"), choices=SaleUnit)
    price_per_unit = VndField(
        label=_("Price of one unit, in đồng"),
        help_text=_("Example: 120.000"),
        error_messages={"required": _("Enter the price.")},
    )
    step = forms.TypedChoiceField(
        label=_("The least that one buys, and its multiples"), coerce=Decimal, widget=forms.RadioSelect
    )
    stock = QuantityField(
        label=_("How much there is now"),
        zero_allowed=True,
        help_text=_("In the unit chosen above."),
        error_messages={"required": _("Enter how much there is; 0 if there is none.")},
    )
    unit_weight_kg = QuantityField(
        label=_("Weight of one unit, in kg"),
        required=False,
        unit=SaleUnit.KILOGRAM,
        help_text=_("Packing included, for what is not sold by weight: delivery is charged by it. Example: 1,2"),
    )
    is_weighed = forms.BooleanField(
        label=_("Weighed when packed: the buyer pays what it really weighs"),
        required=False,
        help_text=_("For what cannot be cut to measure: a chicken, a ham."),
    )
    tolerance_percent = forms.IntegerField(
        label=_("How much heavier it may be without asking the buyer, in %"),
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    harvest_on = forms.DateField(
        label=_("To be had from"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Not harvested yet? Orders are taken now and sent from this day on."),
    )
    season = forms.TypedMultipleChoiceField(
        label=_("Months in season"),
        coerce=int,
        required=False,
        choices=[(month, str(month)) for month in MONTHS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: the usual season of this farm product."),
    )
    description = forms.CharField(
        label=_("More about the goods"),
        required=False,
        max_length=MAXIMUM_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("How it is grown, how to keep it, how to cook it."),
    )

    def __init__(
        self,
        *args: Any,
        communes: Iterable[AdministrativeUnit],
        cooperative: Cooperative,
        now: datetime,
        listing: Product | None = None,
        user_id: int,
        **kwargs: Any,
    ) -> None:
        self.listing, self.now, self._user_id = listing, now, user_id
        self.kept_photo: StoredPhoto | None = None
        served = {unit.pk for unit in communes}
        if listing and listing.commune_id:
            served.add(listing.commune_id)
        kwargs.setdefault("initial", initial_of(listing) if listing else _of_a_new_one())
        super().__init__(*args, **kwargs)
        self._offer_communes(AdministrativeUnit.objects.filter(pk__in=served).order_by("name"))
        fields: dict[str, Any] = self.fields
        fields["commodity"].queryset = Commodity.objects.order_by("path")
        steps = sorted({*STEPS, *([listing.step.normalize()] if listing else [])})
        fields["step"].choices = [(f"{step:f}", format_number(step)) for step in steps]
        for name in ("photo", "gallery_photo"):
            fields[name].widget.attrs["accept"] = "image/*"
        fields["photo"].widget.attrs["capture"] = "environment"
        self._offer_recognitions(cooperative)
        if listing:
            del fields["stock"]

    def _offer_communes(self, communes: QuerySet[AdministrativeUnit]) -> None:
        origin: Any = self.fields["origin"]
        origin.queryset = communes
        only = list(communes[:2])
        if len(only) == 1:
            origin.empty_label = None
            self.initial.setdefault("origin", only[0].pk)

    def _offer_recognitions(self, cooperative: Cooperative) -> None:
        """A cooperative without any is not asked. One that has ended is no choice: saving the form drops it."""
        field: Any = self.fields["recognition"]
        field.queryset = recognitions_of_cooperative(cooperative=cooperative, on=local_day(self.now))
        if not field.queryset:
            del self.fields["recognition"]

    def clean_photo_reference(self) -> str:
        """A forged, foreign or old reference is no photo; the person sends it again."""
        text = self.cleaned_data["photo_reference"]
        try:
            stem, width, height, colour, user_id = signing.loads(text, salt=_PHOTO_SALT, max_age=_PHOTO_MAXIMUM_AGE)
        except signing.BadSignature:
            return ""
        if user_id != self._user_id:
            return ""
        self.kept_photo = StoredPhoto(stem, width, height, colour)
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("photo", "gallery_photo"):
            if cleaned.get(name):
                self._keep_photo(name)
        self._check_terms(cleaned)
        self._check_claims(cleaned)
        return cleaned

    def _check_claims(self, cleaned: dict[str, Any]) -> None:
        try:
            require_honest_title(
                title=cleaned.get("title", ""), recognition=cleaned.get("recognition"), today=local_day(self.now)
            )
        except DomainError as error:
            self.refuse(error)

    def _keep_photo(self, name: str) -> None:
        try:
            self.kept_photo = store_photo(upload=self.cleaned_data[name], now=self.now)
        except DomainError as error:
            self.add_error(name, forms.ValidationError(str(error), code=error.code))

    def clean_unit_weight_kg(self) -> Decimal | None:
        weight = self.cleaned_data["unit_weight_kg"]
        if weight is not None and weight > MAXIMUM_UNIT_WEIGHT:
            raise forms.ValidationError(_("At most %(maximum)s kg."), params={"maximum": MAXIMUM_UNIT_WEIGHT})
        return weight

    def _check_terms(self, cleaned: dict[str, Any]) -> None:
        unit, step, price = (cleaned.get(name) for name in ("sale_unit", "step", "price_per_unit"))
        if cleaned.get("is_weighed") and unit and SaleUnit(unit).grams is None:
            self.add_error("is_weighed", _("Only what is sold by weight can be weighed: choose kg as the unit."))
        if unit and step and price is not None:
            try:
                listing_terms(sale_unit=unit, step=step, price_per_unit=price)
            except DomainError as error:
                is_step = isinstance(error, QuantityError) and not isinstance(error, StepPriceNotWholeError)
                self.refuse(error, field="step" if is_step else "price_per_unit")
        if unit and step and cleaned.get("stock") is not None:
            try:
                steps_in_stock(quantity=cleaned["stock"], step=step, unit=unit)
            except DomainError as error:
                self.refuse(error, field="stock")

    def refuse(self, error: DomainError, *, field: str | None = None) -> None:
        """Shows a refusal of the domain at the field that it is about."""
        field = field or _FIELDS.get(error.code)
        self.add_error(field if field in self.fields else None, forms.ValidationError(str(error), code=error.code))

    @property
    def next_photo_reference(self) -> str:
        """The kept photo as a signed name that only this person can send back, for a day."""
        photo = self.kept_photo
        if photo is None:
            return ""
        return signing.dumps(
            [photo.stem, photo.width, photo.height, photo.colour, self._user_id], salt=_PHOTO_SALT, compress=True
        )

    def told(self) -> dict[str, Any]:
        """What a valid form says, as `create_listing` and `edit_listing` take it."""
        cleaned = self.cleaned_data
        months = cleaned["season"]
        told = {
            "title": cleaned["title"],
            "commodity": cleaned["commodity"],
            "origin_unit": cleaned["origin"],
            "sale_unit": cleaned["sale_unit"],
            "step": cleaned["step"],
            "price_per_unit": cleaned["price_per_unit"],
            "season_months": season_mask(months) if months else cleaned["commodity"].season_months,
            "unit_weight_kg": cleaned["unit_weight_kg"],
            "harvest_on": cleaned["harvest_on"],
            "is_weighed": cleaned["is_weighed"],
            "tolerance_percent": services.DEFAULT_TOLERANCE
            if cleaned["tolerance_percent"] is None
            else cleaned["tolerance_percent"],
            "description": html_from_text(cleaned["description"]),
            "recognition": cleaned.get("recognition"),
            "photos": [self.kept_photo] if self.kept_photo else [],
        }
        if self.listing:
            return told
        return told | {"stock_quantity": cleaned["stock"], "reference": str(cleaned["reference"] or "")}


class StockForm(forms.Form):
    """The stock of one listing, in its unit."""

    stock = forms.CharField(max_length=20)

    def __init__(self, *args: Any, listing: Product, **kwargs: Any) -> None:
        self.listing = listing
        super().__init__(*args, **kwargs)

    def clean_stock(self) -> int:
        """Whole steps."""
        try:
            quantity = parse_quantity(self.cleaned_data["stock"], self.listing.sale_unit)
            return steps_in_stock(quantity=quantity, step=self.listing.step, unit=self.listing.sale_unit)
        except DomainError as error:
            raise forms.ValidationError(str(error), code=error.code) from error


def _of_a_new_one() -> dict[str, Any]:
    return {"step": "0.5", "reference": uuid4(), "tolerance_percent": services.DEFAULT_TOLERANCE}


def initial_of(listing: Product) -> dict[str, Any]:
    """The listing as its form shows it."""
    return {
        "title": listing.title,
        "commodity": listing.commodity_id,
        "recognition": listing.recognition_id,
        "origin": listing.commune_id,
        "sale_unit": listing.sale_unit,
        "price_per_unit": int(listing.price_per_unit),
        "step": f"{listing.step.normalize():f}",
        "unit_weight_kg": listing.unit_weight_kg or "",
        "harvest_on": listing.harvest_on or "",
        "is_weighed": listing.is_weighed,
        "tolerance_percent": listing.tolerance_percent,
        "season": season_months(listing.season_months),
        "description": text_from_html(listing.description),
    }
