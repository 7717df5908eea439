"""What an act asks of the clerk."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common.text import clean_text
from marketplace.order.problems import MAXIMUM_TEXT
from marketplace.portal.acts import Act
from marketplace.shipping.carriers.base import Carrier

NOTE_LENGTH = 300


class AnswerForm(forms.Form):
    """What the cooperative answers to a problem that a buyer reported."""

    answer = forms.CharField(
        label=_("Your answer to the buyer"),
        max_length=MAXIMUM_TEXT,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("What you will do, and until when. The buyer gets it by message."),
        error_messages={"required": _("Write an answer to the buyer.")},
    )


class ActForm(forms.Form):
    """Holds only the questions of its act; `cleaned_data` is what the act takes beside the parcel.

    `service` is a carrier that takes bookings, where there is one.
    """

    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    note = forms.CharField(required=False, max_length=NOTE_LENGTH)
    is_booked = forms.BooleanField(required=False)
    carrier = forms.CharField(
        label=_("Carrier, or the coach's number plate"),
        required=False,
        max_length=60,
        help_text=_("Example: Viettel Post, or 11B-001.23"),
    )
    tracking_number = forms.CharField(label=_("Tracking number"), required=False, max_length=60)
    is_restocked = forms.BooleanField(label=_("They are fit to be sold: put them back into the stock"), required=False)

    def __init__(self, *args: Any, act: Act, service: Carrier | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["reason"].choices = act.reasons
        fields["note"].label = act.asks_note
        if service:
            fields["is_booked"].label = _("Book it with %(carrier)s now") % {"carrier": service.name}
        asked = {
            "reason": act.reasons,
            "note": act.asks_note,
            "is_restocked": act.asks_restocked,
            "carrier": act.asks_carrier,
            "tracking_number": act.asks_carrier,
            "is_booked": act.asks_carrier and service,
        }
        for name, is_asked in asked.items():
            if not is_asked:
                del fields[name]

    def clean_carrier(self) -> str:
        return clean_text(self.cleaned_data["carrier"])

    def clean_tracking_number(self) -> str:
        return clean_text(self.cleaned_data["tracking_number"])
