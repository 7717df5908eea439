"""Descriptions are printed as HTML: nothing that runs ever gets there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.descriptions import clean_html, html_from_text, text_from_html


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>Bùi</p><script>alert(1)</script>", "<p>Bùi</p>"),
        ('<p style="x" onclick="y()">Bùi</p>', "<p>Bùi</p>"),
        ('<img src=x onerror=alert(1)><a href="javascript:x">Xem</a>', "Xem"),
        ("<svg onload=x><style>p{}</style></svg>", ""),
        ("<ul><li>Một</li></ul>", "<ul><li>Một</li></ul>"),
    ],
)
def test_only_plain_markup_stays(html, clean):
    assert clean_html(html) == clean


@given(st.text(alphabet=st.sampled_from("aàđ <>&\"'/=scriptimgonload\n"), max_size=200))
def test_a_typed_text_never_becomes_markup(text):
    html = clean_html(html_from_text(text))
    assert "<script" not in html
    assert "<img" not in html
    assert clean_html(html) == html


@pytest.mark.parametrize("text", ["", "Một dòng", "Hai\ndòng", "Hai đoạn\n\nđoạn hai", "5 < 6 & <b>không đậm</b>"])
def test_a_text_comes_back_as_it_was_typed(text):
    assert text_from_html(clean_html(html_from_text(text))) == text
