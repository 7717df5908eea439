"""Saved searches: what a buyer keeps, and the link that ends its notices."""

from dataclasses import replace
from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy

from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.users.models import User
from search import engines
from search.backends.base import EngineUnavailableError
from search.choices import has_question, query_string, read_question
from search.finding import find
from search.labels import facets_shown
from search.links import chosen_links
from search.models import SavedSearch
from search.query import ListingQuery, ListingResults, Sort
from search.resolve import known, places_of

MAXIMUM_SAVED = 20
MAXIMUM_ADDRESS = 1000
_NOTHING = ListingResults((), 0, {})
_signer = Signer(salt="search.saved")


class NothingToSaveError(DomainError):
    code = "nothing_to_save"
    message = gettext_lazy("Search for something first; then you can save it.")


class QuestionTooLongError(DomainError):
    code = "question_too_long"
    message = gettext_lazy("These are too many choices to save. Take some away.")


class TooManySavedError(DomainError):
    code = "too_many_saved"
    message = gettext_lazy("You have saved %(most)s searches, which is the most. Delete one first.")


def searches_of(user: User) -> QuerySet[SavedSearch]:
    """The buyer's own, the latest first."""
    return SavedSearch.objects.filter(user=user)


def read_address(address: str) -> ListingQuery:
    """The question of an address's query string, on its first page; what is malformed is left out."""
    return replace(read_question(QueryDict(address.lstrip("?")[: 4 * MAXIMUM_ADDRESS])).query, page=1)


def save_search(*, user: User, query: ListingQuery, now: datetime) -> tuple[SavedSearch, bool]:
    """The saved search, and whether it is new. Raises NothingToSaveError, QuestionTooLongError or TooManySavedError."""
    # The order of the results is no part of what fits.
    query = replace(known(query, places_of(query), today=local_day(now)), page=1, sort=Sort.RELEVANCE)
    if not has_question(query):
        raise NothingToSaveError
    query = _as_understood(query, now)
    address = query_string(query).removeprefix("?")
    if len(address) > MAXIMUM_ADDRESS:
        raise QuestionTooLongError
    return _store(user, address, label_of(query)[:200], now)


@transaction.atomic
def _store(user: User, address: str, label: str, now: datetime) -> tuple[SavedSearch, bool]:
    # Two forms at once count one after the other.
    User.objects.select_for_update().get(pk=user.pk)
    if saved := searches_of(user).filter(address=address).first():
        return saved, False
    if searches_of(user).count() >= MAXIMUM_SAVED:
        raise TooManySavedError(most=MAXIMUM_SAVED)
    saved = SavedSearch.objects.create(
        user=user,
        address=address,
        label=label,
        language=get_language() or "vi",
        created_at=now,
        seen_until=now,
        checked_on=local_day(now),
    )
    return saved, True


def set_told(saved: SavedSearch, *, is_told: bool, now: datetime) -> None:
    """Ends or begins the notices; what came in between is not told afterwards."""
    saved.is_told = is_told
    if is_told:
        saved.seen_until, saved.checked_on = now, local_day(now)
    saved.save(update_fields=["is_told", "seen_until", "checked_on"])


def stop_key(saved: SavedSearch) -> str:
    """What proves, in the link of a notice, that its holder was sent it."""
    return _signer.sign(str(saved.pk))


def by_stop_key(key: str) -> SavedSearch | None:
    """None for a forged key, and for a search that is deleted."""
    try:
        pk = _signer.unsign(key)
    except BadSignature:
        return None
    return SavedSearch.objects.filter(pk=pk).first()


def _as_understood(query: ListingQuery, now: datetime) -> ListingQuery:
    """The question with its words corrected, as its results were shown; a beginning of a word stays as it was typed."""
    try:
        note = find(query, backend=engines.current(), now=now).note
    except EngineUnavailableError:
        return query
    return query if note is None or note.searched.endswith("…") else replace(query, text=note.searched)


def label_of(query: ListingQuery) -> str:
    """What is asked for, part by part, in the language that is active."""
    chosen = chosen_links(query, facets_shown(query, _NOTHING), places_of(query), here="")
    words = [f"“{query.text}”"] if query.text else []
    return " · ".join([*words, *(link.label for link in chosen)])
