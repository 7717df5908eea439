"""Hostile addresses and headers, over every page that anybody may ask for."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.architecture.test_routes import TABLE
from tests.architecture.world import World, build_world
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

QUERIES = (
    {"q": "a" * 10_000, "trang": "1000000000", "loai": "9" * 400, "xa": "-1", "htx": "١", "xep": "'; DROP TABLE"},
    {"q": "\0'\"%_\\", "trang": "-1", "mua": "\0", "commune": "\0'\"%_\\" * 999, "ngay": "\0", "huyen": "\0"},
    {"q": "＝１ \u202e\ud7ff", "trang": "NaN", "ngay": "01/01/0001", "dinh-dang": "\0", "next": "//evil.example"},
    {"q": "' OR 1=1 --", "trang": "1e5", "ngay": "31/12/9999", "dinh-dang": "xlsx", "xa": "\0"},
    {"ngay": "29/02/2025", "huyen": "../..", "trang": "２", "khoa": "\0:\0:\0"},
    {"ngay": "02/01/0001", "dinh-dang": "json", "khoa": "x" * 5000, "xem": "\0"},
)


@pytest.fixture
def world() -> World:
    return build_world()


def test_no_address_makes_an_error_page(client, world):
    wrong = []
    for person in ("nobody", "clerk"):
        client.logout()
        if person == "clerk":
            client.force_login(world.people["clerk"])
        for name in TABLE:
            for query in QUERIES:
                status = client.get(world.url(name), query).status_code
                if status >= 500:
                    wrong.append(f"{name} {query} for {person}: {status}")
    assert not wrong, "\n".join(wrong)


def test_the_policy_is_strict_on_every_page_and_looser_only_in_the_administrations(client, world):
    client.force_login(world.people["clerk"])
    for name in TABLE:
        policy = client.get(world.url(name))["Content-Security-Policy"]
        assert "unsafe" not in policy, name
        for directive in ("default-src 'self'", "object-src 'none'", "base-uri 'self'", "frame-ancestors 'none'"):
            assert directive in policy, name
    for address in ("/khong-co/", "/en/quan-tri/", "/quan-tri-gia/", "/media/khong-co.jpg"):
        assert "unsafe" not in client.get(address)["Content-Security-Policy"]
    assert "unsafe-inline" in client.get("/quan-tri/")["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_change_password", "users:landing", "order:mine", "order:find", "checkout:communes"],
)
def test_private_pages_are_stored_nowhere(client, world, name):
    client.force_login(world.people["clerk"])
    assert "no-store" in client.get(reverse(name))["Cache-Control"]
    assert "no-store" in Client().get(reverse(name))["Cache-Control"]


def test_the_operators_pages_are_stored_nowhere(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True, email="operator@example.org"))
    for name in ("dashboard:order-list", "dashboard:users-index"):
        kept = client.get(reverse(name))["Cache-Control"]
        assert "no-store" in kept, f"{name}: {kept}"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_way_leads_to_another_site(client, world, target):
    for address in (reverse("set_language"), reverse("account_logout")):
        answer = client.post(address, {"language": "en", "next": target})
        assert "evil" not in answer.get("Location", "")
        assert "javascript" not in answer.get("Location", "")
    person = world.people["clerk"]
    person.set_password("mat-khau-rat-dai")
    person.email = "thu@example.com"
    person.save()
    signed_in = client.post(
        reverse("account_login"), {"login": person.email, "password": "mat-khau-rat-dai", "next": target}
    )
    assert signed_in.status_code == 302
    assert "evil" not in signed_in["Location"]
    assert "javascript" not in signed_in["Location"]


@pytest.mark.parametrize("path", ["../manage.py", "%2e%2e/manage.py", "..%2f..%2fetc/passwd", "/etc/passwd", "%00", ""])
def test_media_serves_nothing_from_outside_and_no_list(client, path):
    assert client.get(f"/media/{path}").status_code in {400, 404}
