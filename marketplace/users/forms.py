"""allauth's forms in our words."""

from allauth.account import forms as allauth_forms
from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from marketplace.common.phones import PhoneError, parse_phone


class LoginForm(allauth_forms.LoginForm):
    """One field takes a phone number, typed in any way, or an e-mail address."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Phone number or e-mail address")
        self.fields["login"].widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""

    def clean_login(self) -> str:
        login = super().clean_login()
        if "@" in login:
            validate_email(login)
            return login.lower()
        try:
            return parse_phone(login)
        except PhoneError as error:
            raise forms.ValidationError(str(error), code=error.code) from error


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The new password is typed twice, the old one once."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("oldpassword", _("Your password now")),
            ("password1", _("New password")),
            ("password2", _("The new password once more")),
        ):
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["oldpassword"].help_text = ""
