"""The e-mail about new goods that fit a saved search: one a buyer and day, in the morning."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from catalog.cards import Card
from marketplace.common.dates import ZONE, local_day
from marketplace.order.letters import letter
from marketplace.outbox.services import Email, enqueue_all
from marketplace.users.models import User
from search import engines
from search.choices import query_string
from search.finding import find
from search.labels import listing_cards
from search.models import ListingDocument, SavedSearch
from search.query import Sort
from search.saved import read_address, stop_key

logger = logging.getLogger(__name__)

# Nobody's phone rings at night.
FIRST_HOUR = 7
TITLES = 5
# The index follows within a minute; what is younger than this is told the next day, once.
_SETTLED = timedelta(minutes=10)


@dataclass(frozen=True)
class NewGoods:
    """What fits a saved search since it was last looked for: the newest of them, and how many more there are."""

    saved: SavedSearch
    goods: Sequence[Card]
    more: int


def tell_savers(*, now: datetime, limit: int = 200) -> int:
    """Looks once a day for each saved search; how many buyers got a message. Part of `run_due`."""
    if now.astimezone(ZONE).hour < FIRST_HOUR:
        return 0
    due = SavedSearch.objects.filter(is_told=True, checked_on__lt=local_day(now), user__is_active=True)
    users = due.exclude(user__email=None).order_by("user").values_list("user", flat=True).distinct()
    return sum(_told(user, now) for user in users[:limit])


def _told(user_id: int, now: datetime) -> bool:
    try:
        return _tell(user_id, now)
    except Exception:
        # Tomorrow's or the next pass tries again; the other buyers are told.
        logger.exception("Saved searches of one buyer could not be looked for")
        return False


def _tell(user_id: int, now: datetime) -> bool:
    user = User.objects.get(pk=user_id)
    due = list(_due(user, now).order_by("-created_at", "pk"))
    if not due:
        return False
    # Twenty searches take their time: nobody is kept from writing meanwhile.
    with translation.override(due[0].language):
        found = [goods for saved in due if (goods := new_goods(saved, now=now)).goods]
        messages = [_email(user, found, now)] if found else []
    return _store(user, due, messages, now)


@transaction.atomic
def _store(user: User, due: Sequence[SavedSearch], messages: Sequence[Email], now: datetime) -> bool:
    """Whether there was a message. Of two passes at once the second finds nothing due; what was changed meanwhile, by the
    buyer too, is left to the next.
    """
    User.objects.select_for_update().get(pk=user.pk)
    keys = {saved.pk for saved in due}
    if set(_due(user, now).order_by().values_list("pk", flat=True)) != keys:
        return False
    enqueue_all(messages, now=now)
    SavedSearch.objects.filter(pk__in=keys).update(checked_on=local_day(now), seen_until=now - _SETTLED)
    return bool(messages)


def _due(user: User, now: datetime) -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(user=user, is_told=True, checked_on__lt=local_day(now))


def new_goods(saved: SavedSearch, *, now: datetime) -> NewGoods:
    """Listings first on sale since the search was last looked for, the newest first."""
    until = now - _SETTLED
    # What merely resembles the words fits nobody's wish.
    query = replace(
        read_address(saved.address),
        is_exact=True,
        sort=Sort.NEWEST,
        published_after=int(saved.seen_until.timestamp()),
    )
    results = find(query, backend=engines.current(), now=now).results
    young = set(
        ListingDocument.objects.filter(listing_id__in=results.ids, published__gt=until.timestamp()).values_list(
            "listing_id", flat=True
        )
    )
    ids = [pk for pk in results.ids if pk not in young]
    cards = listing_cards(ids[:TITLES], today=local_day(now))
    return NewGoods(saved, cards, max(results.total - len(young) - len(cards), 0))


def _email(user: User, found: Sequence[NewGoods], now: datetime) -> Email:
    site = settings.SITE_URL.rstrip("/")
    count = sum(len(new.goods) + new.more for new in found)
    subject = ngettext(
        "%(count)s new listing fits what you look for", "%(count)s new listings fit what you look for", count
    )
    searches = [
        {
            "label": new.saved.label,
            "url": site + results_path(new.saved),
            "stop_url": site + reverse("saved:stop", kwargs={"key": stop_key(new.saved)}),
            "goods": [{**card, "url": site + card["url"]} for card in new.goods],
            "more": new.more,
        }
        for new in found
    ]
    context = {"name": user.full_name, "searches": searches}
    key = f"saved-search:{user.pk}:{local_day(now):%Y-%m-%d}"
    return letter(key, str(user.email), subject % {"count": count}, "saved_search", context)


def results_path(saved: SavedSearch) -> str:
    """Its results, the newest first."""
    return reverse("search:search") + query_string(replace(read_address(saved.address), sort=Sort.NEWEST))
