"""The administration's views of the registry: Wagtail's own, limited to what the official answers for."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.db import models
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.generic.usage import UsageView
from wagtail.admin.widgets.button import Button

from cms.exports import SafeExportMixin
from cms.forms import (
    ActivityForm,
    AreaForm,
    ContractForm,
    CounterpartyForm,
    ParticipantForm,
    ServedCommuneForm,
)
from cms.permissions import within_scope
from cms.rows import RegistryFormMixin, Rows, WithRowsMixin
from cms.verification import allowed_decisions, status_history
from cooperatives.linkage.models import (
    LinkageArea,
    LinkageContract,
    LinkageCounterparty,
    LinkageModel,
    LinkageParticipant,
    LinkageStatus,
)
from cooperatives.models import CooperativeActivity, CooperativeCommune


class ScopedObjectMixin:
    """Somebody else's object does not exist: 404."""

    model: type[models.Model]
    request: HttpRequest
    kwargs: dict[str, Any]
    pk_url_kwarg: str

    def get_object(self, queryset: models.QuerySet | None = None) -> models.Model:
        found = within_scope(self.model._default_manager.all(), self.request.user)  # noqa: SLF001
        return get_object_or_404(found, pk=unquote(str(self.kwargs[self.pk_url_kwarg])))


class RegistryIndexView(SafeExportMixin, generic.IndexView):
    related: tuple[str, ...] = ()

    def get_base_queryset(self) -> models.QuerySet:
        rows = within_scope(super().get_base_queryset(), self.request.user)
        return rows.select_related(*self.related) if self.related else rows


class RegistryCreateView(RegistryFormMixin, generic.CreateView):
    template_name = "cms/registry/form.html"


class RegistryEditView(RegistryFormMixin, ScopedObjectMixin, generic.EditView):
    template_name = "cms/registry/form.html"


class RegistryDeleteView(ScopedObjectMixin, generic.DeleteView):
    pass


class RegistryHistoryView(ScopedObjectMixin, HistoryView):
    pass


class RegistryUsageView(ScopedObjectMixin, UsageView):
    pass


LINKAGE_ROWS = (
    # Without one nobody would answer for the model: its place follows from its cooperatives and its area.
    Rows(_("Participating cooperatives"), LinkageParticipant, ParticipantForm, required=True),
    Rows(_("Raw-material area"), LinkageArea, AreaForm),
    Rows(_("Counterparties"), LinkageCounterparty, CounterpartyForm),
    Rows(_("Contracts"), LinkageContract, ContractForm),
)
COOPERATIVE_ROWS = (
    Rows(_("Communes served"), CooperativeCommune, ServedCommuneForm, required=True),
    Rows(_("Intervals of activity"), CooperativeActivity, ActivityForm, required=True),
)


class LinkageIndexView(RegistryIndexView):
    related = ("commodity",)

    def get_base_queryset(self) -> models.QuerySet:
        latest = LinkageStatus.objects.filter(linkage=models.OuterRef("pk")).order_by("-decided_on", "-id")
        return super().get_base_queryset().annotate(latest_status=models.Subquery(latest.values("status")[:1]))


class LinkageCreateView(WithRowsMixin, generic.CreateView):
    template_name = "cms/registry/form.html"
    rows = LINKAGE_ROWS

    def get_success_url(self) -> str:
        return self.get_edit_url()


class LinkageEditView(WithRowsMixin, ScopedObjectMixin, generic.EditView):
    """A draft is open. What was submitted keeps its rows: they are closed, and others appended."""

    template_name = "cms/registry/linkage.html"
    rows = LINKAGE_ROWS

    def is_frozen(self, instance: models.Model | None) -> bool:
        if instance is None or instance.pk is None:
            return False
        decided = LinkageStatus.objects.filter(linkage_id=instance.pk).exclude(status=LinkageStatus.Status.DRAFT)
        return decided.exists()

    def get_success_url(self) -> str:
        return self.get_edit_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        linkage: LinkageModel = self.object
        return {
            **context,
            "statuses": status_history(linkage),
            "decisions": allowed_decisions(linkage, self.request.user),
        }


class CooperativeCreateView(WithRowsMixin, generic.CreateView):
    template_name = "cms/registry/form.html"
    rows = COOPERATIVE_ROWS


class CooperativeEditView(WithRowsMixin, ScopedObjectMixin, generic.EditView):
    """Registration data may be corrected; rows of places and activity are closed and appended."""

    template_name = "cms/registry/form.html"
    rows = COOPERATIVE_ROWS

    def is_frozen(self, instance: models.Model | None) -> bool:
        return False

    def is_frozen_row(self, instance: models.Model) -> bool:
        return instance.pk is not None

    @property
    def header_more_buttons(self) -> list[Button]:
        page = getattr(self.object, "profile_page", None)
        buttons = list(super().header_more_buttons)
        if page is not None and page.live:
            buttons.append(Button(_("Public page"), url=self.object.get_absolute_url(), icon_name="view", priority=5))
        return buttons
