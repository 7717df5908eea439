"""Where a person comes in after logging in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from cooperatives.models import Membership


@never_cache
@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Sends each person to the place of their work: clerk, official or editor, buyer.

    A clerk who also edits the cooperative's page works in the portal first.
    """
    people = Membership.objects.in_force(timezone.localdate()).exclude(role=Membership.Role.MEMBER)
    if people.filter(user__in=[request.user.pk]).exists():
        return redirect("portal:today")
    if request.user.has_perm("wagtailadmin.access_admin"):
        return redirect("wagtailadmin_home")
    return redirect("order:mine")


urlpatterns = ([path("", landing, name="landing")], "users")
# Oscar's dashboard links to the operator's account by this name.
customer_urlpatterns = ([path("", landing, name="summary")], "customer")
