"""What an act asks of the clerk."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.portal.acts import Act

NOTE_LENGTH = 300


class ActForm(forms.Form):
    """Holds only the questions of its act; `cleaned_data` is what the act takes beside the parcel."""

    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    note = forms.CharField(required=False, max_length=NOTE_LENGTH)
    is_restocked = forms.BooleanField(label=_("They are fit to be sold: put them back into the stock"), required=False)

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["reason"].choices = act.reasons
        fields["note"].label = act.asks_note
        asked = {"reason": act.reasons, "note": act.asks_note, "is_restocked": act.asks_restocked}
        for name, is_asked in asked.items():
            if not is_asked:
                del fields[name]
