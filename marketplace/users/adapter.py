"""How allauth finds and writes our phone-or-e-mail users."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from marketplace.users.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the operator or a cooperative's manager, so nobody signs up by himself here yet."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (str(user.phone), True) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:  # noqa: FBT001 - allauth's signature
        user.phone = phone
        user.save(update_fields=["phone"])

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.filter(phone=phone).first()
