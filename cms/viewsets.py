"""The registry in Wagtail's administration, under the menu "Liên kết"."""

import django_filters
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSetGroup

from cms import forms, views
from cms.certificates import CertificateViewSet, RecognitionViewSet
from cms.models import OfficialScope
from cms.tables import DayColumn, RegistryViewSet
from cooperatives.commodities.models import Commodity
from cooperatives.indicators.models import CoverageRule, IndicatorTarget
from cooperatives.linkage.models import KeyProduct, LinkageModel, LinkageStatus
from cooperatives.models import Cooperative


class LinkageFilter(WagtailFilterSet):
    latest_status = django_filters.ChoiceFilter(
        label=_("Status"), choices=LinkageStatus.Status.choices, method="by_status"
    )

    class Meta:
        model = LinkageModel
        fields = ["latest_status", "commodity", "form"]

    def by_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(latest_status=value)


def status_label(linkage: Model) -> str:
    """The word for the status annotated by the list; a model without any row is a draft."""
    status = getattr(linkage, "latest_status", None) or LinkageStatus.Status.DRAFT
    return str(LinkageStatus.Status(status).label)


class LinkageViewSet(RegistryViewSet):
    model = LinkageModel
    icon = "link"
    form_class = forms.LinkageModelForm
    index_view_class = views.LinkageIndexView
    add_view_class = views.LinkageCreateView
    edit_view_class = views.LinkageEditView
    list_display = [
        "name",
        "code",
        Column("commodity", label=_("Commodity"), sort_key="commodity__name"),
        Column("status", label=_("Status"), accessor=status_label),
        DayColumn("valid_from", label=_("From day"), sort_key="valid_from"),
        DayColumn("valid_to", label=_("To (that day excluded)"), sort_key="valid_to"),
    ]
    list_export = ["code", "name", "commodity.name", "form", "latest_status", "valid_from", "valid_to", "note"]
    filterset_class = LinkageFilter
    search_fields = ["code", "name"]
    export_filename = "mo-hinh-lien-ket"


class KeyProductViewSet(RegistryViewSet):
    model = KeyProduct
    icon = "tag"
    form_class = forms.KeyProductForm
    related = ("unit", "commodity")
    list_display = [
        Column("unit", label=_("Commune"), sort_key="unit__name"),
        Column("commodity", label=_("Commodity"), sort_key="commodity__name"),
        DayColumn("valid_from", label=_("From day"), sort_key="valid_from"),
        DayColumn("valid_to", label=_("To (that day excluded)"), sort_key="valid_to"),
        "decision_number",
    ]
    list_export = ["unit.code", "unit.name", "commodity.name", "valid_from", "valid_to", "decision_number"]
    list_filter = ["commodity"]
    search_fields = ["unit__name", "commodity__name", "decision_number"]
    ordering = ["unit__code", "valid_from"]
    export_filename = "nong-san-chu-luc"


class CooperativeViewSet(RegistryViewSet):
    model = Cooperative
    icon = "group"
    form_class = forms.CooperativeForm
    add_view_class = views.CooperativeCreateView
    edit_view_class = views.CooperativeEditView
    list_display = ["short_name", "registration_number", "kind", "member_count", "phone"]
    list_export = [
        "name",
        "short_name",
        "kind",
        "registration_number",
        "registered_on",
        "registered_by",
        "representative",
        "member_count",
        "female_member_count",
        "street_address",
    ]
    list_filter = ["kind", "size", "governance"]
    search_fields = ["name", "short_name", "registration_number"]
    export_filename = "hop-tac-xa"


class CommodityViewSet(RegistryViewSet):
    model = Commodity
    icon = "snippet"
    form_class = forms.CommodityForm
    list_display = ["name", "code", "category", "default_unit"]
    list_export = ["code", "name", "name_en", "category", "default_unit", "season_months"]
    list_filter = ["category"]
    search_fields = ["name", "code", "aliases"]
    # The tree's own order; a table of it is not reordered by dragging.
    sort_order_field = None
    export_filename = "nong-san"


class TargetViewSet(RegistryViewSet):
    model = IndicatorTarget
    icon = "crosshairs"
    form_class = forms.TargetForm
    list_display = [
        "indicator",
        "comparison",
        "percentage",
        DayColumn("valid_from", label=_("From day"), sort_key="valid_from"),
        DayColumn("valid_to", label=_("To (that day excluded)"), sort_key="valid_to"),
        "legal_source",
    ]
    list_export = ["indicator", "comparison", "percentage", "valid_from", "valid_to", "legal_source"]
    export_filename = "chi-tieu"


class RuleViewSet(RegistryViewSet):
    model = CoverageRule
    icon = "cogs"
    form_class = forms.RuleForm
    list_display = [
        "version",
        "window_days",
        "minimum_buyers",
        "required_level",
        DayColumn("valid_from", label=_("From day"), sort_key="valid_from"),
        DayColumn("valid_to", label=_("To (that day excluded)"), sort_key="valid_to"),
    ]
    list_export = ["version", "window_days", "minimum_buyers", "required_level", "valid_from", "valid_to"]
    export_filename = "quy-tac-do-phu"


class OfficialScopeViewSet(RegistryViewSet):
    model = OfficialScope
    icon = "user"
    form_class = forms.OfficialScopeForm
    related = ("user", "unit")
    list_display = [
        "user",
        "unit",
        DayColumn("valid_from", label=_("From day"), sort_key="valid_from"),
        DayColumn("valid_to", label=_("To (that day excluded)"), sort_key="valid_to"),
    ]
    list_export = ["user.full_name", "unit.code", "unit.name", "valid_from", "valid_to"]
    export_filename = "dia-ban-can-bo"


class RegistryGroup(ModelViewSetGroup):
    menu_label = _("Linkage")
    menu_name = "lien-ket"
    menu_icon = "link"
    menu_order = 100
    items = (
        LinkageViewSet("lien-ket"),
        KeyProductViewSet("nong-san-chu-luc"),
        CooperativeViewSet("hop-tac-xa"),
        CertificateViewSet("chung-nhan"),
        RecognitionViewSet("cong-nhan-ocop"),
        CommodityViewSet("nong-san"),
        TargetViewSet("chi-tieu"),
        RuleViewSet("quy-tac"),
        OfficialScopeViewSet("dia-ban"),
    )
