"""What follows for listings when cooperatives start or stop being active, and when administrative units change."""

from datetime import date, datetime

from django.db import transaction

from catalog.models import Product
from catalog.publications import begin_publication, end_publication, locked_listing, require_active
from cooperatives.models import Cooperative, CooperativeActivity
from cooperatives.places import selectors as places
from marketplace.common.dates import local_day

State = Product.State


def suspend_cooperative_listings(*, cooperative: Cooperative, now: datetime) -> int:
    """Hides every public listing of a cooperative that is no longer active; how many. Their state stays published."""
    listings = list(Product.objects.filter(cooperative=cooperative, is_public=True).order_by("pk"))
    with transaction.atomic():
        for listing in listings:
            end_publication(locked_listing(listing), now)
    return len(listings)


def restore_cooperative_listings(*, cooperative: Cooperative, now: datetime) -> int:
    """Shows again what `suspend_cooperative_listings` hid; how many. Raises CooperativeNotActiveError."""
    require_active(cooperative, local_day(now))
    listings = list(
        Product.objects.filter(cooperative=cooperative, state=State.PUBLISHED, is_public=False).order_by("pk")
    )
    with transaction.atomic():
        for listing in listings:
            begin_publication(locked_listing(listing), now)
    return len(listings)


def apply_cooperative_activity(*, now: datetime) -> int:
    """Hides and shows listings as their cooperatives are active today; how many changed."""
    active = CooperativeActivity.objects.in_force(local_day(now)).values("cooperative")
    stopped = Cooperative.objects.filter(listings__is_public=True).exclude(pk__in=active)
    hidden = Cooperative.objects.filter(listings__state=State.PUBLISHED, listings__is_public=False, pk__in=active)
    changed = sum(suspend_cooperative_listings(cooperative=cooperative, now=now) for cooperative in stopped.distinct())
    return changed + sum(
        restore_cooperative_listings(cooperative=cooperative, now=now) for cooperative in hidden.distinct()
    )


def refresh_listing_communes(*, today: date) -> int:
    """Translates every origin to today's commune, after units have changed; how many listings moved."""
    listings = Product.objects.filter(origin_unit__isnull=False)
    origins = listings.order_by().values_list("origin_unit_id", flat=True)
    units = {pk for pk in origins if pk is not None}
    moved = 0
    for old, new in places.translation_map(unit_ids=units, on=today).items():
        if new is None:
            continue
        moved += listings.filter(origin_unit_id=old).exclude(commune_id=new).update(commune_id=new)
    return moved
