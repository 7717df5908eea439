"""Decisions about a linkage model's status, taken in the administration and carried out by the registry's services."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.log_actions import log

from cms.forms import DecisionForm
from cms.groups import DECIDE
from cms.permissions import within_scope
from cooperatives.linkage import services
from cooperatives.linkage.models import LinkageModel, LinkageStatus
from marketplace.common.errors import DomainError
from marketplace.users.models import User

Status = LinkageStatus.Status
REGISTER = "linkage.change_linkagemodel"


@dataclass(frozen=True)
class Decision:
    """A step of the status: what it is called, who may take it, and the service that takes it."""

    slug: str
    label: str | Promise
    permission: str
    target: Status
    carry_out: Callable[..., Any]

    def url(self, linkage: LinkageModel) -> str:
        return reverse("linkage_decision", kwargs={"pk": linkage.pk, "decision": self.slug})


@dataclass(frozen=True)
class DecisionLink:
    label: str | Promise
    url: str


DECISIONS = {
    decision.slug: decision
    for decision in (
        Decision("trinh", _("Submit"), REGISTER, Status.SUBMITTED, services.linkage_submit),
        Decision("tham-dinh", _("Verify"), DECIDE, Status.VERIFIED, services.linkage_verify),
        Decision("tam-dung", _("Suspend"), DECIDE, Status.SUSPENDED, services.linkage_suspend),
        Decision("ket-thuc", _("End"), DECIDE, Status.ENDED, services.linkage_end),
    )
}


def status_history(linkage: LinkageModel) -> QuerySet[LinkageStatus]:
    """All decisions, the latest first, with who recorded them."""
    return linkage.statuses.select_related("recorded_by").order_by("-decided_on", "-id")


def allowed_decisions(linkage: LinkageModel, user: User | AnonymousUser) -> list[DecisionLink]:
    """The steps that the model's latest status allows and that this user may take."""
    following = services.next_statuses(linkage)
    return [
        DecisionLink(decision.label, decision.url(linkage))
        for decision in DECISIONS.values()
        if decision.target in following and user.has_perm(decision.permission)
    ]


class DecisionView(View):
    """Asks for the day and number of a decision, and passes them to the service."""

    template_name = "cms/registry/decision.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.linkage = get_object_or_404(within_scope(LinkageModel.objects.all(), request.user), pk=kwargs["pk"])
        if kwargs["decision"] not in DECISIONS:
            raise Http404
        self.decision = DECISIONS[kwargs["decision"]]
        if not request.user.has_perm(self.decision.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(request, DecisionForm(initial={"decided_on": timezone.localdate()}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = DecisionForm(request.POST)
        if not form.is_valid() or not self.carry_out(request, form):
            return self.page(request, form)
        log(instance=self.linkage, action="wagtail.edit", user=request.user, title=str(self.linkage))
        messages.success(
            request, _("%(decision)s: %(linkage)s") % {"decision": self.decision.label, "linkage": self.linkage}
        )
        return redirect(self.edit_url)

    def carry_out(self, request: HttpRequest, form: DecisionForm) -> bool:
        """Whether the service took the decision; a refusal becomes the form's error and nothing has changed."""
        try:
            self.decision.carry_out(
                linkage=self.linkage,
                decided_on=form.cleaned_data["decided_on"],
                decision_number=form.cleaned_data["decision_number"],
                note=form.cleaned_data["note"],
                by=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        return True

    @property
    def edit_url(self) -> str:
        return reverse("lien-ket:edit", args=(self.linkage.pk,))

    def page(self, request: HttpRequest, form: DecisionForm) -> HttpResponse:
        context = {
            "linkage": self.linkage,
            "decision": self.decision,
            "form": form,
            "edit_url": self.edit_url,
            "statuses": status_history(self.linkage),
            "breadcrumbs_items": [
                {"url": reverse("lien-ket:index"), "label": LinkageModel._meta.verbose_name_plural},
                {"url": self.edit_url, "label": str(self.linkage)},
                {"url": "", "label": self.decision.label},
            ],
            "header_title": self.decision.label,
        }
        return TemplateResponse(request, self.template_name, context, status=400 if form.errors else 200)
