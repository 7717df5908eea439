"""What listings prove: on which days anyone could see which commodity, of which origin.

One interval of publication is one fact. The same function tells the facts to the running evidence and to its
rebuild, so the two agree.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from catalog.models import ListingPublication
from cooperatives.linkage import evidence
from cooperatives.linkage.evidence import ListingFact
from marketplace.common.dates import local_day


def listing_facts() -> Iterator[ListingFact]:
    """Every fact of every listing, in the order in which they began."""
    publications = ListingPublication.objects.select_related("product").order_by("pk")
    for publication in publications.iterator(chunk_size=2000):
        yield _fact(publication)


def record_opened(publication: ListingPublication) -> None:
    fact = _fact(publication)
    evidence.open_listing(
        source=fact.source,
        cooperative_id=fact.cooperative_id,
        commodity_id=fact.commodity_id,
        unit_id=fact.unit_id,
        first_on=fact.first_on,
    )


def record_closed(publication: ListingPublication) -> None:
    """Tells the last day of a publication that has ended. Raises ListingNotRecordedError for one never told of."""
    fact = _fact(publication)
    if fact.last_on is None:
        raise ValueError(publication.pk)
    evidence.close_listing(source=fact.source, last_on=fact.last_on)


def last_public_day(*, public_from: datetime, public_to: datetime) -> date:
    """The last day on which a visitor could see it: an end at midnight leaves the new day out."""
    return max(local_day(public_from), local_day(public_to - timedelta(microseconds=1)))


def _fact(publication: ListingPublication) -> ListingFact:
    cooperative_id = publication.product.cooperative_id
    if cooperative_id is None:
        raise ValueError(publication.pk)
    return ListingFact(
        source=f"publication:{publication.pk}",
        cooperative_id=cooperative_id,
        commodity_id=publication.commodity_id,
        unit_id=publication.unit_id,
        first_on=local_day(publication.public_from),
        last_on=publication.public_to
        and last_public_day(public_from=publication.public_from, public_to=publication.public_to),
    )
