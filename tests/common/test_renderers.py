"""Plain inputs are drawn without templates, and look as Django draws them."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from marketplace.common.renderers import FormRenderer


class Everything(forms.Form):
    text = forms.CharField(max_length=9, help_text="x")
    email = forms.EmailField(required=False)
    number = forms.IntegerField(min_value=0, required=False)
    secret = forms.CharField(widget=forms.PasswordInput({"autocomplete": "off", "data-x": '"<&'}))
    hidden = forms.CharField(widget=forms.HiddenInput({"disabled": True, "checked": False}))
    choice = forms.ChoiceField(choices=[("a", "<a>"), ("b", "b")])
    long = forms.CharField(widget=forms.Textarea)


@pytest.mark.parametrize("name", Everything.base_fields)
@pytest.mark.parametrize(
    "data", [None, {}, {"text": "'\"<&>", "email": "no", "number": "-1", "hidden": "", "choice": "b"}]
)
def test_a_field_is_drawn_as_by_djangos_own_templates(name, data):
    ours, djangos = Everything(data, renderer=FormRenderer()), Everything(data, renderer=DjangoTemplates())
    assert str(ours[name]) == str(djangos[name])
