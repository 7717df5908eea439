"""What a visitor of the coverage pages may choose: a day, and a district to look at."""

from datetime import date
from typing import Any, cast

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _


def day_asked(request: HttpRequest, today: date) -> QueryDict:
    """What was asked, with today's date where no day was, so that the field shows it."""
    asked = request.GET.copy()
    if not asked.get("ngay"):
        asked["ngay"] = f"{today:%d/%m/%Y}"
    return asked


class DayForm(forms.Form):
    """`ngay` as dd/mm/yyyy; nothing means today. A day in the future is refused."""

    ngay = forms.DateField(
        label=_("Day"),
        required=False,
        input_formats=["%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"],
        widget=forms.DateInput(
            format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "dd/mm/yyyy"}
        ),
        error_messages={"invalid": _("This day is not right. Example: 25/12/2026.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_ngay(self) -> date:
        day = self.cleaned_data["ngay"] or self.today
        if day > self.today:
            raise forms.ValidationError(_("There are no figures yet for a day after today."), code="future")
        return day


class CoverageForm(DayForm):
    """Adds `huyen`, the slug of a district or former district that the map and the table are limited to."""

    huyen = forms.ChoiceField(label=_("District or former district"), required=False)

    def __init__(self, *args: Any, districts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["huyen"]).choices = [("", _("The whole province")), *districts]
