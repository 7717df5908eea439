"""What the pages of money ask."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.limits import is_within_limit
from marketplace.common.spreadsheets import MAXIMUM_FILE, WorkbookTooLargeError
from marketplace.common.text import clean_text
from marketplace.payment.providers.vietqr.banks import bank_choices, parse_account_number
from marketplace.users.models import User

PASSWORD_TRIES = 5
PASSWORD_SECONDS = 600


class BankAccountForm(forms.Form):
    """The account, and the password once more: a phone left open on a table must not redirect the money."""

    bank_bin = forms.ChoiceField(label=_("Bank"))
    account_number = forms.CharField(
        label=_("Account number"),
        max_length=40,
        help_text=_("6 to 19 digits and letters, as the bank writes it."),
        widget=forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off", "autocapitalize": "characters"}),
    )
    holder = forms.CharField(
        label=_("Account holder"),
        max_length=100,
        help_text=_("As the bank's app shows it. Example: HTX NONG SAN TRUNG KHANH."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        max_length=128,
        strip=False,
        help_text=_("Once more, because this decides where the money goes."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        fields: dict[str, Any] = self.fields
        fields["bank_bin"].choices = [("", "—"), *bank_choices()]

    def clean_account_number(self) -> str:
        try:
            return parse_account_number(self.cleaned_data["account_number"])
        except DomainError as error:
            raise forms.ValidationError(str(error), code=error.code) from error

    def clean_holder(self) -> str:
        return clean_text(self.cleaned_data["holder"])

    def clean_password(self) -> str:
        may_try = is_within_limit(
            what="bank-account", who=str(self.user.pk), limit=PASSWORD_TRIES, seconds=PASSWORD_SECONDS
        )
        if not may_try:
            raise forms.ValidationError(_("Too many tries. Wait ten minutes."), code="limit")
        if not self.user.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError(_("This is not your password."), code="password")
        return ""


class StatementForm(forms.Form):
    file = forms.FileField(
        label=_("The bank's statement"),
        help_text=_("As the bank's app or page exports it: .xlsx or .csv, 5 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAXIMUM_FILE:
            error = WorkbookTooLargeError(maximum=MAXIMUM_FILE // 2**20)
            raise forms.ValidationError(str(error), code=error.code)
        return file


class AssignForm(forms.Form):
    number = forms.CharField(
        label=_("Parcel number"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class GiveBackForm(forms.Form):
    bank_reference = forms.CharField(
        label=_("Reference of your transfer back"),
        max_length=100,
        help_text=_("The bank's number of the transfer with which you returned the money."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DismissForm(forms.Form):
    note = forms.CharField(label=_("What it was"), max_length=300, required=False)


class TransferForm(forms.Form):
    """`amount` is what the page showed: a clerk confirms a sum, not whatever is due by then."""

    amount = forms.IntegerField(min_value=1, max_value=10**12, widget=forms.HiddenInput)
    bank_reference = forms.CharField(
        label=_("The bank's reference"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
