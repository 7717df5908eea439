import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from marketplace.users.models import User
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def log_in(client, login, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": login, "password": password})


@pytest.mark.parametrize("typed", ["0912000001", "0912 000 001", "+84 912 000 001", "0912.000.001"])
def test_a_phone_number_typed_in_any_way_logs_in(client, typed):
    user = UserFactory(phone="+84912000001")
    response = log_in(client, typed)
    assert response.status_code == 302
    assert int(client.session["_auth_user_id"]) == user.pk


def test_an_email_address_logs_in_whatever_its_case(client):
    user = UserFactory(phone=None, email="hoa@example.org")
    log_in(client, "Hoa@Example.org")
    assert int(client.session["_auth_user_id"]) == user.pk


def test_a_wrong_password_and_an_unknown_phone_get_the_same_answer(client):
    UserFactory(phone="+84912000001")
    wrong = log_in(client, "0912000001", "khong-phai")
    unknown = log_in(client, "0912000009")
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert "Số điện thoại hoặc mật khẩu chưa đúng." in wrong.content.decode()
    assert "_auth_user_id" not in client.session


def test_what_is_neither_phone_nor_email_is_told_at_the_field(client):
    response = log_in(client, "09xx")
    assert "Số điện thoại chưa đúng. Ví dụ: 0912 345 678." in response.content.decode()


def test_login_attempts_are_limited(client):
    UserFactory(phone="+84912000001")
    answers = [log_in(client, "0912000001", "khong-phai") for _ in range(12)]
    assert "Đăng nhập sai quá nhiều lần" in answers[-1].content.decode() or answers[-1].status_code == 429


def test_nobody_is_without_both_phone_and_email():
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(password=PASSWORD)


def test_two_people_without_email_may_exist():
    User.objects.create_user(phone="+84912000007")
    User.objects.create_user(phone="+84912000008")
    assert User.objects.filter(email__isnull=True).count() >= 2


@pytest.mark.parametrize("door", ["/quan-tri/", "/quan-tri/login/", "/van-hanh/", "/van-hanh/login/"])
def test_every_door_leads_to_the_one_login(client, door):
    response = client.get(door, follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/django-admin/", "/accounts/register/", "/checkout/", "/tai-khoan/signup/"]
)
def test_other_doors_do_not_exist(client, address):
    assert client.get(address).status_code == 404


def test_logging_out_needs_a_post(client):
    client.force_login(UserFactory())
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session
