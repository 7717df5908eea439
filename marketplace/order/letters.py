"""What every message about orders shares: how it is made, and to whom of a cooperative it goes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from cooperatives.models import Cooperative, Membership
from marketplace.common.prepared import Prepared
from marketplace.outbox.services import Email

# The cooperatives' own language.
CLERKS_LANGUAGE = "vi"


def clerks_of(cooperatives: dict[int, Cooperative], on: date) -> dict[int, list[str]]:
    """Addresses by cooperative: its own, and those of its clerks and managers of that day. One query."""
    addresses: dict[int, dict[str, None]] = {pk: {} for pk in cooperatives}
    for pk, cooperative in cooperatives.items():
        if cooperative.email:
            addresses[pk][cooperative.email.lower()] = None
    for pk, email in _staff(tuple(cooperatives), on):
        addresses[pk][str(email).lower()] = None
    return {pk: list(found) for pk, found in addresses.items()}


_staff = Prepared(
    lambda cooperatives, on: (
        Membership.objects.in_force(on)
        .filter(~Q(role=Membership.Role.MEMBER), cooperative_id__in=cooperatives, user__is_active=True)
        .exclude(user__email=None)
        .order_by("pk")
        .values_list("cooperative_id", "user__email")
    )
)


def letter(key: str, recipient: str, subject: str, template: str, context: dict[str, Any]) -> Email:
    """The templates emails/<template>.txt and .html in the language that is active."""
    whole = {**context, "shop_name": settings.OSCAR_SHOP_NAME, "subject": subject}
    return Email(
        key=key[:120],
        recipient=recipient,
        subject=subject,
        text=_without_blank_runs(render_to_string(f"emails/{template}.txt", whole).splitlines()),
        html=render_to_string(f"emails/{template}.html", whole),
    )


def site(name: str, *args: Any) -> str:
    """The whole address of a route."""
    return settings.SITE_URL.rstrip("/") + reverse(name, args=args)


def _without_blank_runs(lines: Iterable[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1]):
            kept.append(line.strip())
    return "\n".join(kept).strip() + "\n"
