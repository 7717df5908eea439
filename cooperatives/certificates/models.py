"""What others have confirmed of a cooperative's goods: certificates, and recognitions of the OCOP programme.

Both hold on [start, end), where a revocation is an earlier end. A renewal is a new row.
"""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cooperatives.certificates.numbers import GgnInvalidError, clean_ggn, clean_planting_code
from cooperatives.certificates.ocop import DISTRICTS_ENDED_ON, expiry_of, stars_of_score
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative
from marketplace.common.text import clean_text
from marketplace.common.validity import DatedQuerySet, DatedRow, in_force_q


def _not_revoked_q(on: date) -> Q:
    return Q(revoked_on__isnull=True) | Q(revoked_on__gt=on)


class CertificateQuerySet(DatedQuerySet):
    def in_force(self, on: date) -> Self:
        return self.filter(in_force_q(on) & _not_revoked_q(on))

    def not_over(self, on: date) -> Self:
        """In force on the day or later."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), _not_revoked_q(on))


class Certificate(DatedRow):
    """A certificate of a cooperative; it covers goods of its commodity and below, or without one all goods."""

    class Scheme(models.TextChoices):
        # The values stand in addresses.
        VIETGAP = "vietgap", _("VietGAP")
        GLOBALGAP = "globalgap", _("GLOBALG.A.P.")
        ORGANIC = "huu-co", _("Organic, Việt Nam (TCVN 11041)")
        # Must not be called organic.
        CONVERSION = "chuyen-doi-huu-co", _("In conversion to organic")
        ORGANIC_ABROAD = "huu-co-quoc-te", _("Organic, foreign (USDA, EU, JAS)")
        HACCP = "haccp", _("HACCP")
        ISO22000 = "iso22000", _("ISO 22000")
        FOOD_SAFETY = "attp", _("Food-safety eligibility")
        FOOD_COMMITMENT = "cam-ket-attp", _("Food-safety commitment")
        SELF_DECLARED = "tu-cong-bo", _("Self-declaration of the product")
        GEOGRAPHICAL = "chi-dan-dia-ly", _("Geographical indication")
        MARK = "nhan-hieu", _("Collective or certification mark")
        PLANTING_AREA = "ma-vung-trong", _("Planting-area code")
        PACKING_HOUSE = "ma-dong-goi", _("Packing-house code")

    cooperative = models.ForeignKey(
        Cooperative, models.PROTECT, related_name="certificates", verbose_name=_("cooperative")
    )
    scheme = models.CharField(_("kind of certificate"), max_length=20, choices=Scheme)
    number = models.CharField(_("number"), max_length=60)
    issuer = models.CharField(_("issued by"), max_length=160)
    commodity = models.ForeignKey(
        Commodity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="certificates",
        verbose_name=_("commodity (empty: all goods)"),
    )
    issued_on = models.DateField(_("issued on"))
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = CertificateQuerySet.as_manager()  # type: ignore[misc] # the base class knows no revocation

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["scheme", "-valid_from", "pk"]
        constraints = [
            *DatedRow.Meta.constraints,
            models.CheckConstraint(
                name="certificate_revoked_after_start",
                condition=Q(revoked_on__isnull=True) | Q(revoked_on__gte=F("valid_from")),
                violation_error_message=_("The revocation cannot be earlier than the start."),
            ),
            models.UniqueConstraint(
                name="certificate_entered_once",
                fields=["cooperative", "scheme", "number", "commodity", "valid_from"],
                violation_error_message=_("This certificate has been entered already."),
            ),
            models.UniqueConstraint(
                name="certificate_of_all_goods_entered_once",
                fields=["cooperative", "scheme", "number", "valid_from"],
                condition=Q(commodity__isnull=True),
                violation_error_message=_("This certificate has been entered already."),
            ),
        ]
        indexes = [models.Index(fields=["valid_to"], name="certificate_end_idx")]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} · {self.number}"

    @property
    def ends_on(self) -> date | None:
        """The first day on which it no longer holds; none while it has no end."""
        ends = [day for day in (self.valid_to, self.revoked_on) if day]
        return min(ends) if ends else None

    @property
    def scope(self) -> str:
        """The goods that it covers, in words."""
        return self.commodity.name if self.commodity else gettext("All goods of the cooperative")

    def is_in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.ends_on is None or on < self.ends_on)

    def clean(self) -> None:
        super().clean()
        self.number = clean_text(self.number or "")
        if self.scheme == self.Scheme.GLOBALGAP:
            try:
                self.number = clean_ggn(self.number)
            except GgnInvalidError as error:
                raise ValidationError({"number": str(error)}) from error
        if self.scheme in {self.Scheme.PLANTING_AREA, self.Scheme.PACKING_HOUSE}:
            self.number = clean_planting_code(self.number)
            self._require_own_code()

    def _require_own_code(self) -> None:
        """A code of a planting area belongs to whoever proves it: lending it to others is a known abuse."""
        others = Certificate.objects.filter(scheme=self.scheme, number=self.number, revoked_on__isnull=True)
        if self.cooperative_id and others.exclude(cooperative=self.cooperative_id).exists():
            raise ValidationError({"number": _("Another cooperative holds this code.")})


class RecognitionQuerySet(models.QuerySet):
    def in_force(self, on: date) -> Self:
        """`valid_to` and `revoked_on` are themselves days on which it no longer holds."""
        return self.filter(_not_revoked_q(on), decided_on__lte=on, valid_to__gt=on)


class OcopRecognition(models.Model):
    """A product of a cooperative recognised under "One Commune One Product"; the badge is the product's and its owner's.

    It holds for 36 months from the decision; `save` counts them.
    """

    class Group(models.TextChoices):
        # Decision 919/QĐ-TTg 2022, in its order.
        FOOD = "food", _("Food")
        DRINK = "drink", _("Drinks")
        HERB = "herb", _("Medicinal plants and goods made of them")
        CRAFT = "craft", _("Handicrafts")
        ORNAMENTAL = "ornamental", _("Ornamental plants and animals")
        TOURISM = "tourism", _("Community and ecological tourism")

    class Issuer(models.TextChoices):
        DISTRICT = "district", _("District people's committee (until 30/06/2025)")
        PROVINCE = "province", _("Provincial people's committee")
        MINISTRY = "ministry", _("Ministry")

    class Stars(models.IntegerChoices):
        THREE = 3, _("3 stars")
        FOUR = 4, _("4 stars")
        FIVE = 5, _("5 stars")

    cooperative = models.ForeignKey(
        Cooperative, models.PROTECT, related_name="recognitions", verbose_name=_("cooperative")
    )
    product_name = models.CharField(_("recognised product"), max_length=160)
    commodity = models.ForeignKey(Commodity, models.PROTECT, related_name="recognitions", verbose_name=_("commodity"))
    stars = models.PositiveSmallIntegerField(_("stars"), choices=Stars)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True, blank=True)
    group = models.CharField(_("OCOP group"), max_length=12, choices=Group)
    # Decisions from before 2023 name other groups.
    original_group = models.CharField(_("group as in the decision"), max_length=120, blank=True)
    decision_number = models.CharField(_("decision number"), max_length=60)
    decided_on = models.DateField(_("decided on"))
    issuer = models.CharField(_("decided by"), max_length=8, choices=Issuer, default=Issuer.PROVINCE)
    valid_to = models.DateField(_("valid until (this day excluded)"), editable=False)
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("OCOP recognition")
        verbose_name_plural = _("OCOP recognitions")
        ordering = ["-decided_on", "pk"]
        constraints = [
            models.CheckConstraint(name="recognition_three_to_five_stars", condition=Q(stars__gte=3, stars__lte=5)),
            models.CheckConstraint(
                name="recognition_score_in_its_band",
                condition=Q(score__isnull=True)
                | Q(stars=3, score__gte=50, score__lt=70)
                | Q(stars=4, score__gte=70, score__lt=90)
                | Q(stars=5, score__gte=90, score__lte=100),
                violation_error_message=_("The score does not fit the stars: 50–70 is 3, 70–90 is 4, 90–100 is 5."),
            ),
            models.CheckConstraint(name="recognition_ends_after_decision", condition=Q(valid_to__gt=F("decided_on"))),
            models.CheckConstraint(
                name="recognition_revoked_after_decision",
                condition=Q(revoked_on__isnull=True) | Q(revoked_on__gte=F("decided_on")),
                violation_error_message=_("The revocation cannot be earlier than the decision."),
            ),
            models.UniqueConstraint(
                name="recognition_entered_once",
                fields=["cooperative", "product_name", "decision_number", "decided_on"],
                violation_error_message=_("This recognition has been entered already."),
            ),
        ]
        indexes = [models.Index(fields=["valid_to"], name="recognition_end_idx")]

    def __str__(self) -> str:
        return f"{self.product_name} · OCOP {self.stars}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.valid_to = expiry_of(self.decided_on)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def ends_on(self) -> date:
        """The first day on which it no longer holds."""
        return min(self.valid_to, self.revoked_on) if self.revoked_on else self.valid_to

    def is_in_force(self, on: date) -> bool:
        return self.decided_on <= on < self.ends_on

    def clean(self) -> None:
        super().clean()
        self.product_name = clean_text(self.product_name or "")
        self.decision_number = clean_text(self.decision_number or "")
        if self.score is not None and self.stars and stars_of_score(self.score) != self.stars:
            raise ValidationError(
                {"score": _("The score does not fit the stars: 50–70 is 3, 70–90 is 4, 90–100 is 5.")}
            )
        if self.decided_on:
            self._require_competent_issuer()

    def _require_competent_issuer(self) -> None:
        if (self.issuer == self.Issuer.MINISTRY) != (self.stars == self.Stars.FIVE):
            raise ValidationError({"issuer": _("The ministry recognises 5 stars, and nobody else does.")})
        if self.issuer == self.Issuer.DISTRICT and (
            self.stars != self.Stars.THREE or self.decided_on >= DISTRICTS_ENDED_ON
        ):
            raise ValidationError({"issuer": _("Districts recognised 3 stars, and none after 30/06/2025.")})
