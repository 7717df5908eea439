"""What the answer to a plan is, said as plainly as Python can."""

from collections import Counter
from collections.abc import Iterable

from search.models import ListingDocument
from search.query import Facet, ListingResults, Plan, Sort, price_band


def answer(documents: Iterable[ListingDocument], plan: Plan) -> ListingResults:
    fitting = [one for one in documents if not one.is_removed and _has_words(one, plan) and _fits(one, plan)]
    hits = sorted((one for one in fitting if _is_chosen(one, plan)), key=lambda one: _order(one, plan))
    return ListingResults(
        ids=tuple(one.listing_id for one in hits[plan.start : plan.start + plan.count]),
        total=len(hits),
        facets={
            facet: Counter(value for one in fitting if _is_chosen(one, plan, but=facet) for value in values(one, facet))
            for facet in Facet
        },
    )


def values(one: ListingDocument, facet: Facet) -> set[int]:
    """The values that the listing has of a facet."""
    match facet:
        case Facet.CERTIFICATE:
            return {bit for bit in range(32) if one.certificates & 2**bit}
        case Facet.PRICE_BAND:
            return {price_band(one.price)}
        case Facet.STARS:
            return {one.stars} - {0}
        case _:
            return {getattr(one, facet.name.lower())} - {0}


def terms_of(one: ListingDocument) -> set[str]:
    return set(one.terms.split())


def _has_words(one: ListingDocument, plan: Plan) -> bool:
    return set(plan.terms) <= terms_of(one) and any(term.startswith(plan.prefix) for term in terms_of(one))


def _fits(one: ListingDocument, plan: Plan) -> bool:
    return (
        (plan.communes is None or one.commune in plan.communes)
        and (plan.cooperatives is None or one.cooperative in plan.cooperatives)
        and (plan.distances is None or one.commune in plan.distances)
        and (plan.month is None or bool(one.season_months & 2 ** (plan.month - 1)))
        and (not plan.in_stock or one.is_in_stock)
        and (plan.price_from is None or one.price >= plan.price_from)
        and (plan.price_to is None or one.price <= plan.price_to)
        and (plan.published_after is None or one.published > plan.published_after)
    )


def _is_chosen(one: ListingDocument, plan: Plan, but: Facet | None = None) -> bool:
    return all(values(one, facet) & chosen for facet, chosen in plan.chosen.items() if facet is not but)


def _order(one: ListingDocument, plan: Plan) -> tuple[int, ...]:
    last = (-one.published, one.listing_id)
    match plan.sort:
        case Sort.NEWEST:
            return last
        case Sort.CHEAPEST:
            return (one.price, *last)
        case Sort.DEAREST:
            return (-one.price, *last)
        case Sort.NEAREST:
            return ((plan.distances or {}).get(one.commune, 0), -one.quality, *last)
    return (_tier(one, plan), -one.quality, *last)


def _tier(one: ListingDocument, plan: Plan) -> int:
    return next((at for at, tier in enumerate(plan.tiers) if set(tier) <= terms_of(one)), len(plan.tiers))
