from decimal import Decimal

import pytest
from django import forms

from marketplace.common.forms import PhoneField, QuantityField, VndField
from marketplace.common.quantities import SaleUnit


class OfferForm(forms.Form):
    price = VndField()
    amount = QuantityField(unit=SaleUnit.KILOGRAM)
    phone = PhoneField(required=False)


def test_a_form_gives_dong_units_and_e164():
    form = OfferForm({"price": "60.000 ₫", "amount": "1,5", "phone": "0912 345 678"})
    assert form.is_valid()
    assert form.cleaned_data == {"price": 60_000, "amount": Decimal("1.5"), "phone": "+84912345678"}


def test_each_refusal_keeps_its_name():
    form = OfferForm({"price": "1,5", "amount": "0", "phone": "01234567890"})
    codes = {name: [error.code for error in errors] for name, errors in form.errors.as_data().items()}
    assert codes == {
        "price": ["amount_not_whole"],
        "amount": ["quantity_not_positive"],
        "phone": ["phone_old_eleven_digits"],
    }


@pytest.mark.parametrize("empty", ["", "   ", None])
def test_an_empty_field_is_missing_or_none(empty):
    form = OfferForm({"price": empty, "amount": "1", "phone": empty})
    assert [error.code for error in form.errors.as_data()["price"]] == ["required"]
    assert form.cleaned_data["phone"] is None


def test_a_stored_value_is_shown_the_way_it_is_typed_and_comes_back_unchanged():
    stored = {"price": 1_250_000, "amount": Decimal("1500.500"), "phone": "+84912345678"}
    form = OfferForm(initial=stored)
    shown = {name: form[name].value() for name in form.fields}
    assert shown == {"price": "1.250.000", "amount": "1500,5", "phone": "0912 345 678"}
    assert OfferForm(shown).is_valid()
    assert OfferForm(shown, initial=stored).has_changed() is False


def test_phones_show_the_right_keyboard():
    html = str(OfferForm()["phone"]) + str(OfferForm()["price"]) + str(OfferForm()["amount"])
    assert 'type="tel"' in html
    assert 'inputmode="numeric"' in html
    assert 'inputmode="decimal"' in html


def test_a_quantity_of_stock_may_be_zero():
    assert QuantityField(zero_allowed=True).clean("0") == 0
