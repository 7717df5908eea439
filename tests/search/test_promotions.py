"""Promoted results: which question brings them, who may write them, where they may lead."""

import pytest
from django.urls import reverse
from django.utils import translation

from cms.services import ensure_site
from search import promotions
from search.admin_forms import is_reachable
from search.models import PromotedResult
from search.terms import query_words
from tests.search.people import commune_official, editor

pytestmark = pytest.mark.django_db


def promote(title, *questions, **fields):
    result = PromotedResult(title=title, link="/don-hang/tim/", questions="\n".join(questions), **fields)
    promotions.save(result)
    return result


def asked(text):
    return [result.title for result in promotions.promoted(query_words(text))]


def test_the_whole_question_brings_the_answer_marks_aside():
    promote("Đổi trả hàng", "đổi trả", "trả hàng lại")
    assert asked("doi tra") == ["Đổi trả hàng"]
    assert asked("Trả hàng lại?") == ["Đổi trả hàng"]
    assert asked("đổi trả miến dong") == []
    assert asked("trả đổi") == []


def test_what_is_not_shown_is_not_found():
    promote("Đổi trả hàng", "đổi trả", is_shown=False)
    assert asked("đổi trả") == []


def test_a_question_that_is_taken_out_no_longer_brings_it():
    result = promote("Đổi trả hàng", "đổi trả", "trả hàng")
    result.questions = "trả hàng"
    promotions.save(result)
    assert asked("đổi trả") == []
    assert asked("tra hang") == ["Đổi trả hàng"]


def test_at_most_three_answer_a_question():
    for number in range(5):
        promote(f"Trả lời {number}", "phí giao hàng")
    assert asked("phi giao hang") == ["Trả lời 0", "Trả lời 1", "Trả lời 2"]


def test_asking_costs_one_query_and_writes_nothing(django_assert_num_queries):
    promote("Đổi trả hàng", "đổi trả")
    asked("làm nóng")
    with django_assert_num_queries(1):
        asked("đổi trả")
    with django_assert_num_queries(0):
        assert asked("") == []


def test_an_editor_who_reads_english_names_pages_as_everybody_does():
    with translation.override("en"):
        assert is_reachable("/don-hang/tim/")
        assert not is_reachable("/en/don-hang/tim/")


def form(**changes):
    given = {"title": "Đổi trả hàng", "description": "", "link": "/don-hang/tim/", "questions": "đổi trả"}
    return {**given, "is_shown": "on", **changes}


def test_an_editor_writes_changes_and_deletes_one(client):
    client.force_login(editor())
    assert client.post(reverse("goi-y:add"), form()).status_code == 302
    result = PromotedResult.objects.get()
    assert asked("doi tra") == ["Đổi trả hàng"]
    assert client.post(reverse("goi-y:edit", args=[result.pk]), form(questions="trả hàng")).status_code == 302
    assert asked("doi tra") == []
    assert asked("tra hang") == ["Đổi trả hàng"]
    assert client.post(reverse("goi-y:delete", args=[result.pk])).status_code == 302
    assert asked("tra hang") == []


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "http://example.org/",
        "//example.org/",
        "khong-co/",
        "/khong-co-trang-nay/",
        "/don-hang/ tim/",
        "https://",
        "https:///x",
    ],
)
def test_a_link_that_leads_nowhere_is_refused(client, link):
    ensure_site()
    client.force_login(editor())
    answer = client.post(reverse("goi-y:add"), form(link=link))
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"link"}


@pytest.mark.parametrize("link", ["https://example.org/a", "/", "/san-pham/?mua=1", "/htx/"])
def test_a_link_to_a_page_of_ours_or_to_an_address_is_taken(client, link):
    ensure_site()
    client.force_login(editor())
    assert client.post(reverse("goi-y:add"), form(link=link)).status_code == 302


@pytest.mark.parametrize("questions", ["", "???", "a" * 101, "\n".join(f"câu {number}" for number in range(31))])
def test_questions_that_say_nothing_or_too_much_are_refused(client, questions):
    client.force_login(editor())
    assert set(client.post(reverse("goi-y:add"), form(questions=questions)).context["form"].errors) == {"questions"}


def test_the_list_is_searched_and_exported(client):
    promote("Đổi trả hàng", "đổi trả")
    promote("=Phí giao", "phí giao hàng")
    client.force_login(editor())
    shown = client.get(reverse("goi-y:index"), {"q": "đổi"}).content.decode()
    assert "Đổi trả hàng" in shown
    assert "Phí giao" not in shown
    assert "'=Phí giao" in b"".join(client.get(reverse("goi-y:index"), {"export": "csv"})).decode()


def test_whoever_is_no_editor_may_not(client):
    pk = promote("Đổi trả hàng", "đổi trả").pk
    client.force_login(commune_official())
    for name, args in (("index", []), ("add", []), ("edit", [pk]), ("delete", [pk])):
        address = reverse(f"goi-y:{name}", args=args)
        assert client.get(address).status_code in {302, 403, 404}, name
        client.post(address, form(title="Khác"))
    assert PromotedResult.objects.get().title == "Đổi trả hàng"
