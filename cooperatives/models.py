"""Cooperatives, the communes they serve, the days they are active, and the people who work for them.

Every fact that names a place or a person is a dated row, valid on [valid_from, valid_to).
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from marketplace.common.validity import DatedRow


class Cooperative(models.Model):
    """A registered cooperative (hợp tác xã) or one of the other sellers of Law 17/2023/QH15."""

    class Kind(models.TextChoices):
        GROUP = "group", _("Cooperative group")
        COOPERATIVE = "cooperative", _("Cooperative")
        UNION = "union", _("Union of cooperatives")

    class Size(models.TextChoices):
        MICRO = "micro", _("Micro")
        SMALL = "small", _("Small")
        MEDIUM = "medium", _("Medium")
        LARGE = "large", _("Large")

    class Governance(models.TextChoices):
        FULL = "full", _("Full governance")
        REDUCED = "reduced", _("Reduced governance")

    name = models.CharField(_("full name"), max_length=160)
    short_name = models.CharField(_("short name"), max_length=60)
    slug = models.SlugField(_("address name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.COOPERATIVE)
    size = models.CharField(_("size"), max_length=8, choices=Size, default=Size.MICRO)
    governance = models.CharField(_("governance"), max_length=8, choices=Governance, default=Governance.REDUCED)
    # Law 17/2023/QH15: a cooperative's registration number is its tax code.
    registration_number = models.CharField(_("registration number (tax code)"), max_length=14, unique=True)
    registered_on = models.DateField(_("registered on"))
    registered_by = models.CharField(_("registering office"), max_length=160)
    representative = models.CharField(_("legal representative"), max_length=120)
    representative_title = models.CharField(_("title of the representative"), max_length=60, blank=True)
    charter_capital = models.DecimalField(_("charter capital (VND)"), max_digits=14, decimal_places=0, default=0)
    member_count = models.PositiveIntegerField(_("members"), default=0)
    female_member_count = models.PositiveIntegerField(_("women among the members"), default=0)
    street_address = models.CharField(_("address"), max_length=200, blank=True)
    phone = PhoneNumberField(_("phone number"), blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    is_demo = models.BooleanField(_("demo data"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("cooperative")
        verbose_name_plural = _("cooperatives")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="cooperative_reduced_governance_is_micro",
                condition=~Q(governance="reduced") | Q(size="micro"),
            ),
            models.CheckConstraint(
                name="cooperative_women_within_members", condition=Q(female_member_count__lte=F("member_count"))
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    def get_absolute_url(self) -> str:
        return reverse("cooperatives:profile", kwargs={"slug": self.slug})


class CooperativeActivity(DatedRow):
    """Days on which the cooperative is active. No row in force means suspended or dissolved."""

    cooperative = models.ForeignKey(Cooperative, models.CASCADE, related_name="activities")

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("interval of activity")
        verbose_name_plural = _("intervals of activity")
        indexes = [models.Index(fields=["cooperative", "valid_from"], name="coop_activity_idx")]


class CooperativeCommune(DatedRow):
    """A commune where the cooperative has its home or operates, named by the unit valid when the row was made."""

    class Role(models.TextChoices):
        HOME = "home", _("Home commune")
        OPERATING = "operating", _("Operating commune")

    cooperative = models.ForeignKey(Cooperative, models.CASCADE, related_name="communes")
    unit = models.ForeignKey(
        "places.AdministrativeUnit", models.PROTECT, related_name="+", verbose_name=_("administrative unit")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("commune served")
        verbose_name_plural = _("communes served")
        indexes = [
            models.Index(fields=["cooperative", "valid_from"], name="coop_commune_coop_idx"),
            models.Index(fields=["unit", "valid_from"], name="coop_commune_unit_idx"),
        ]


class Membership(DatedRow):
    """A person of the cooperative: a member, or a member of its staff with a role in the portal."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        CLERK = "clerk", _("Clerk")
        MANAGER = "manager", _("Manager")

    cooperative = models.ForeignKey(Cooperative, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    # A member without an account is known by contact, so that purchases from one's own cooperative are no evidence.
    full_name = models.CharField(_("full name"), max_length=120, blank=True)
    phone = PhoneNumberField(_("phone number"), blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("person of the cooperative")
        verbose_name_plural = _("people of the cooperative")
        constraints = [
            *DatedRow.Meta.constraints,
            models.CheckConstraint(
                name="membership_person_is_known", condition=Q(user__isnull=False) | ~Q(phone="") | ~Q(email="")
            ),
        ]
        indexes = [
            models.Index(fields=["user", "valid_from"], name="membership_user_idx"),
            models.Index(fields=["cooperative", "valid_from"], name="membership_coop_idx"),
        ]
