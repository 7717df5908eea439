"""Certificates and OCOP recognitions in the administration: an official enters those of the cooperatives in their units."""

from datetime import timedelta

import django_filters
from django.contrib import messages
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from cms.forms import RegistryForm, RegistryMeta
from cms.tables import DayColumn, RegistryViewSet
from cms.views import RegistryCreateView, RegistryEditView
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.certificates.numbers import is_usual_decision_number, is_usual_planting_code

# From then on it is time to renew.
ENDS_SOON = timedelta(days=90)
STATUSES = (
    ("in-force", _("In force")),
    ("ends-soon", _("Ends within 90 days")),
    ("over", _("Expired")),
    ("revoked", _("Revoked")),
)
CODED = {Certificate.Scheme.PLANTING_AREA, Certificate.Scheme.PACKING_HOUSE}


def status_word(row: Certificate | OcopRecognition) -> str:
    today = timezone.localdate()
    if row.revoked_on and row.revoked_on <= today:
        return str(_("Revoked"))
    if row.is_in_force(today):
        ends_on = row.ends_on
        return str(_("Ends within 90 days") if ends_on and ends_on <= today + ENDS_SOON else _("In force"))
    return str(_("Expired") if row.ends_on and row.ends_on <= today else _("Not yet in force"))


class StatusFilter(WagtailFilterSet):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=STATUSES, method="by_status")

    def by_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        if value == "revoked":
            return queryset.filter(revoked_on__lte=today)
        if value == "over":
            return queryset.filter(valid_to__lte=today).exclude(revoked_on__lte=today)
        in_force = queryset.in_force(today)  # type: ignore[attr-defined]
        if value == "in-force":
            return in_force
        soon = today + ENDS_SOON
        return in_force.filter(Q(valid_to__lte=soon) | Q(revoked_on__lte=soon))


class CertificateFilter(StatusFilter):
    class Meta:
        model = Certificate
        fields = ["status", "scheme"]


class RecognitionFilter(StatusFilter):
    class Meta:
        model = OcopRecognition
        fields = ["status", "stars", "group"]


class CertificateForm(RegistryForm):
    """What was entered is corrected in its words and ended; another scope or another period is another row."""

    always_open = ("number", "issuer", "issued_on", "revoked_on", "note")

    class Meta(RegistryMeta):
        model = Certificate
        fields = [
            "cooperative",
            "scheme",
            "number",
            "issuer",
            "commodity",
            "issued_on",
            "valid_from",
            "valid_to",
            "revoked_on",
            "note",
        ]

    @property
    def notice(self) -> str | Promise:
        """What is unusual and kept all the same."""
        row: Certificate = self.instance
        if row.scheme in CODED and not is_usual_planting_code(row.number):
            return _("The code is kept as it is. Usually one looks like VN-CBOR-0017.")
        return ""


class RecognitionForm(RegistryForm):
    """Whose it is, of what and since when stays; stars and names may be corrected until a listing shows them."""

    always_open = ("score", "original_group", "decision_number", "issuer", "revoked_on", "note")

    class Meta(RegistryMeta):
        model = OcopRecognition
        fields = [
            "cooperative",
            "product_name",
            "commodity",
            "stars",
            "score",
            "group",
            "original_group",
            "decision_number",
            "decided_on",
            "issuer",
            "revoked_on",
            "note",
        ]

    @property
    def notice(self) -> str | Promise:
        """What is unusual and kept all the same."""
        row: OcopRecognition = self.instance
        if not is_usual_decision_number(row.decision_number):
            return _("The decision number is kept as it is. Usually one looks like 124/QĐ-UBND.")
        return ""


class NoticeMixin:
    """Tells of what is unusual once it has been saved."""

    def save_instance(self) -> Model:
        instance: Model = super().save_instance()  # type: ignore[misc]
        if notice := self.form.notice:  # type: ignore[attr-defined]
            messages.warning(self.request, notice)  # type: ignore[attr-defined]
        return instance


class ConfirmationCreateView(NoticeMixin, RegistryCreateView):
    pass


class CertificateEditView(NoticeMixin, RegistryEditView):
    pass


class RecognitionEditView(NoticeMixin, RegistryEditView):
    def is_frozen(self, instance: Model | None) -> bool:
        return isinstance(instance, OcopRecognition) and instance.listings.exists()


class CertificateViewSet(RegistryViewSet):
    model = Certificate
    icon = "doc-full"
    form_class = CertificateForm
    add_view_class = ConfirmationCreateView
    edit_view_class = CertificateEditView
    related = ("cooperative", "commodity")
    list_display = [
        "number",
        Column("scheme", label=_("Kind of certificate"), accessor="get_scheme_display", sort_key="scheme"),
        Column("cooperative", label=_("Cooperative"), sort_key="cooperative__short_name"),
        Column("status", label=_("Status"), accessor=status_word),
        DayColumn("valid_to", label=_("To (that day excluded)"), sort_key="valid_to"),
    ]
    list_export = [
        "cooperative.name",
        "cooperative.registration_number",
        "scheme",
        "number",
        "issuer",
        "scope",
        "issued_on",
        "valid_from",
        "valid_to",
        "revoked_on",
        "note",
    ]
    filterset_class = CertificateFilter
    search_fields = ["number", "issuer", "cooperative__name", "cooperative__short_name"]
    ordering = ["cooperative__short_name", "scheme", "-valid_from"]
    export_filename = "chung-nhan"


class RecognitionViewSet(RegistryViewSet):
    model = OcopRecognition
    icon = "pick"
    form_class = RecognitionForm
    add_view_class = ConfirmationCreateView
    edit_view_class = RecognitionEditView
    related = ("cooperative", "commodity")
    list_display = [
        "product_name",
        Column("stars", label=_("Stars"), sort_key="stars"),
        Column("cooperative", label=_("Cooperative"), sort_key="cooperative__short_name"),
        Column("status", label=_("Status"), accessor=status_word),
        DayColumn("valid_to", label=_("To (that day excluded)"), sort_key="valid_to"),
    ]
    list_export = [
        "cooperative.name",
        "cooperative.registration_number",
        "product_name",
        "commodity.name",
        "stars",
        "score",
        "group",
        "decision_number",
        "decided_on",
        "issuer",
        "valid_to",
        "revoked_on",
        "note",
    ]
    filterset_class = RecognitionFilter
    search_fields = ["product_name", "decision_number", "cooperative__name", "cooperative__short_name"]
    ordering = ["-decided_on", "product_name"]
    export_filename = "cong-nhan-ocop"
