"""Where a person comes in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Sends each person to the place of their work: official or editor, clerk, buyer."""
    if request.user.has_perm("wagtailadmin.access_admin"):
        return redirect("wagtailadmin_home")
    if request.user.memberships.in_force(timezone.localdate()).exclude(role="member").exists():
        return redirect("portal:today")
    return redirect("order:mine")
