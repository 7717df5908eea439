"""Where a person comes in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Sends each person to the place of their work: clerk, official or editor, buyer.

    A clerk who also edits the cooperative's page works in the portal first.
    """
    if request.user.memberships.in_force(timezone.localdate()).exclude(role="member").exists():
        return redirect("portal:today")
    if request.user.has_perm("wagtailadmin.access_admin"):
        return redirect("wagtailadmin_home")
    return redirect("order:mine")
