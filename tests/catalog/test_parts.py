"""The parts that every engineer's pages are made of."""

from decimal import Decimal

import pytest
from django import forms
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.pages import page_links
from catalog.templatetags.storefront import initials, structured_data, typed


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Decimal("1.500"), "1,5"), (Decimal(2), "2"), (Decimal("10.00"), "10"), ("1,5 kg", "1,5 kg"), (None, "")],
)
def test_a_quantity_stands_in_its_input_as_people_type_it(value, shown):
    assert typed(value) == shown


@pytest.mark.parametrize(("name", "letters"), [("HTX Tâm Hòa", "TH"), ("Hợp tác xã Đông", "Đ"), ("", "")])
def test_a_cooperative_without_a_picture_has_two_letters(name, letters):
    assert initials(name) == letters


def test_structured_data_cannot_leave_its_element():
    assert "</script><b>" not in structured_data({"name": "</script><b>"})


def test_far_pages_are_behind_a_gap():
    pages = page_links(number=5, count=9, url_of=lambda page: f"?trang={page}")
    assert [link.number for link in pages.links] == [1, None, 4, 5, 6, None, 9]
    assert (pages.previous_url, pages.next_url) == ("?trang=4", "?trang=6")


def test_the_first_page_has_none_before_it():
    pages = page_links(number=1, count=2, url_of=str)
    assert (pages.previous_url, pages.next_url) == ("", "2")


def test_a_stepper_keeps_what_was_typed_and_names_its_error():
    page = render_to_string(
        "parts/quantity_stepper.html",
        {
            "id": "q", "name": "q", "label": "Số lượng", "unit": "kg", "step": Decimal("0.5"),
            "minimum": Decimal("0.5"), "value": "hai cân", "error": "Hãy nhập một số.",
        },
    )  # fmt: skip
    assert 'value="hai cân"' in page
    assert 'aria-describedby="q_error"' in page
    assert 'id="q_error"' in page


class ContactForm(forms.Form):
    name = forms.CharField(label="Họ và tên")
    phone = forms.CharField(label="Số điện thoại", help_text="Ví dụ: 0912 345 678")


def test_an_error_stands_at_its_field_and_above_the_form():
    form = ContactForm({"name": "Nông Thị Hoa", "phone": ""})
    field = render_to_string("parts/form_field.html", {"field": form["phone"]})
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in field
    assert 'id="id_phone_helptext"' in field
    assert 'id="id_phone_error"' in field
    summary = render_to_string("parts/error_summary.html", {"form": form})
    assert 'href="#id_phone"' in summary
    assert "id_name" not in summary


@pytest.mark.parametrize("rung", [None, 0, 1, 2, 3, 4])
def test_a_rung_is_never_colour_alone(rung):
    page = render_to_string("parts/evidence_rung.html", {"rung": rung})
    assert f">{'–' if rung is None else rung}</b>" in page
    assert len(page.split("</b>")[1].split("<")[0].strip()) > 3


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["catalogue:index", "places:index", "search:search"])
def test_every_page_has_title_description_and_share_picture(client, name):
    page = client.get(reverse(name)).content.decode()
    assert "<title>" in page
    assert '<meta name="description" content="' in page
    assert 'property="og:image" content="http://testserver/static/img/share.png"' in page
    assert 'lang="vi"' in page


@pytest.mark.django_db
def test_a_page_has_no_inline_script_and_no_style_attribute(client):
    page = client.get(reverse("catalogue:index")).content.decode()
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick=" not in page


@pytest.mark.django_db
def test_the_other_language_is_one_button_away(client):
    response = client.post(reverse("set_language"), {"language": "en", "next": "/san-pham/"}, follow=True)
    assert response.redirect_chain[-1][0] == "/en/san-pham/"
    assert 'lang="en"' in response.content.decode()
