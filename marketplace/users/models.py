"""People who log in: by phone number or by e-mail, at least one of the two."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, *, email: str | None = None, phone: str | None = None, password: str | None = None, **extra
    ) -> "User":
        """Returns a saved user; an empty e-mail or phone is stored as NULL, because both are unique."""
        user = self.model(email=self.normalize_email(email).lower() if email else None, phone=phone or None, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, password: str | None = None, **extra) -> "User":
        return self.create_user(email=email, password=password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """One person. Vietnamese names are one field: the given name is its last word."""

    full_name = models.CharField(_("full name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True)
    phone = PhoneNumberField(_("phone number"), unique=True, null=True, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May enter an administration."))
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined at"), default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                name="user_has_phone_or_email", condition=Q(phone__isnull=False) | Q(email__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or str(self.phone)

    def clean(self) -> None:
        # AbstractBaseUser.clean() would turn a missing e-mail into '', which the unique index allows only once.
        self.email = type(self).objects.normalize_email(self.email).lower() if self.email else None

    def get_full_name(self) -> str:
        return self.full_name or str(self)

    def get_short_name(self) -> str:
        return self.full_name.split()[-1] if self.full_name else str(self)

    @property
    def first_name(self) -> str:
        """Oscar and Wagtail print `first_name last_name`; we keep names whole."""
        return self.full_name

    @property
    def last_name(self) -> str:
        return ""
