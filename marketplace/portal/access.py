"""Who may work where. One function for each kind of object; nothing of a cooperative is fetched without one.

A stranger gets 404, a person of the cooperative without a role in its work gets 403.
"""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from catalog.models import Product
from cooperatives.models import Cooperative, Membership
from marketplace.common.identifiers import normalise_identifier
from marketplace.order.models import Parcel, ParcelProblem, ProblemPhoto
from marketplace.payment.models import Refund, StatementUpload, UnmatchedMoney
from marketplace.portal import problems, selectors
from marketplace.portal.requests import WorkRequest
from marketplace.settlement.models import Statement
from marketplace.settlement.selectors import statement_detail
from marketplace.shipping.models import DeliveryMethod, DeliveryZone
from marketplace.shipping.selectors import method_detail, zone_detail
from marketplace.users.models import User

SESSION_KEY = "portal_cooperative"
WORKING_ROLES = frozenset({Membership.Role.CLERK, Membership.Role.MANAGER})


@dataclass(frozen=True)
class Workplace:
    """The cooperative that a person works for now, and all for which they may."""

    cooperative: Cooperative
    choices: tuple[Cooperative, ...]

    @property
    def can_switch(self) -> bool:
        return len(self.choices) > 1


def workplace_for(request: WorkRequest, *, today: date) -> Workplace:
    """The cooperative last chosen, or the first one. Raises Http404 or PermissionDenied for who works for none."""
    memberships = _memberships(request.user, today).select_related("cooperative").order_by("cooperative__name", "pk")
    roles = list(memberships)
    working = {row.cooperative_id: row.cooperative for row in roles if row.role in WORKING_ROLES}
    if not working:
        raise PermissionDenied if roles else Http404
    chosen = working.get(request.session.get(SESSION_KEY, 0)) or next(iter(working.values()))
    return Workplace(chosen, tuple(working.values()))


def workplace_of(listing_or_parcel: Product | Parcel) -> Workplace:
    """The workplace of an object that `parcel_for` or `listing_for` has given out."""
    cooperative = listing_or_parcel.cooperative
    if cooperative is None:
        raise Http404
    return Workplace(cooperative, ())


def switch_to(request: WorkRequest, *, cooperative_id: int, today: date) -> Cooperative:
    """Chooses another cooperative to work for. Raises Http404 or PermissionDenied."""
    _require_role(request.user, cooperative_id, today)
    request.session[SESSION_KEY] = cooperative_id
    return Cooperative.objects.get(pk=cooperative_id)


def parcel_for(user: User, *, number: str, today: date) -> Parcel:
    """The parcel with everything that its page shows. Raises Http404 or PermissionDenied."""
    parcel = selectors.parcel_detail(normalise_identifier(number))
    if parcel is None:
        raise Http404
    _require_role(user, parcel.cooperative_id, today)
    return parcel


def listing_for(user: User, *, pk: int, today: date) -> Product:
    """The listing with its stock and photos. Raises Http404 or PermissionDenied."""
    listing = selectors.listing_detail(pk)
    if listing is None or listing.cooperative_id is None:
        raise Http404
    _require_role(user, listing.cooperative_id, today)
    return listing


def problem_for(user: User, *, pk: int, today: date) -> ParcelProblem:
    """A problem with a parcel of the cooperative. Raises Http404 or PermissionDenied."""
    problem = problems.problem_detail(pk)
    if problem is None:
        raise Http404
    _require_role(user, problem.parcel.cooperative_id, today)
    return problem


def problem_photo_for(user: User, *, pk: int, today: date) -> ProblemPhoto:
    """A photo with such a problem. Raises Http404 or PermissionDenied."""
    photo = problems.photo_detail(pk)
    if photo is None:
        raise Http404
    _require_role(user, photo.problem.parcel.cooperative_id, today)
    return photo


def delivery_method_for(user: User, *, pk: int, today: date) -> DeliveryMethod:
    """A way of delivery of the cooperative. Raises Http404 or PermissionDenied."""
    method = method_detail(pk)
    if method is None:
        raise Http404
    _require_role(user, method.cooperative_id, today)
    return method


def delivery_zone_for(user: User, *, pk: int, today: date) -> DeliveryZone:
    """A zone of one of the cooperative's ways of delivery. Raises Http404 or PermissionDenied."""
    zone = zone_detail(pk)
    if zone is None:
        raise Http404
    _require_role(user, zone.method.cooperative_id, today)
    return zone


def unmatched_money_for(user: User, *, pk: int, today: date) -> UnmatchedMoney:
    """Money on the cooperative's own account that waits or was settled. Raises Http404 or PermissionDenied."""
    money = UnmatchedMoney.objects.select_related("cooperative", "parcel__order").filter(pk=pk).first()
    if money is None or money.cooperative_id is None:
        raise Http404
    _require_role(user, money.cooperative_id, today)
    return money


def statement_for(user: User, *, pk: int, today: date) -> StatementUpload:
    """An uploaded statement, for the one who uploaded it: it names payers. Raises Http404 or PermissionDenied."""
    upload = StatementUpload.objects.select_related("cooperative").filter(pk=pk, uploaded_by=user.pk).first()
    if upload is None:
        raise Http404
    _require_role(user, upload.cooperative_id, today)
    return upload


def refund_for(user: User, *, pk: int, today: date) -> tuple[Refund, Workplace]:
    """A refund of one of the cooperative's parcels, or of money on its account. Raises Http404 or PermissionDenied."""
    refunds = Refund.objects.select_related("parcel__cooperative", "parcel__order", "unmatched__cooperative")
    refund = refunds.filter(pk=pk).first()
    owner = refund and (refund.parcel or refund.unmatched)
    cooperative = owner.cooperative if owner else None
    if refund is None or cooperative is None:
        raise Http404
    _require_role(user, cooperative.pk, today)
    return refund, Workplace(cooperative, ())


def require_manager(user: User, workplace: Workplace, *, today: date) -> None:
    """Raises PermissionDenied for a clerk."""
    if not manages(user, workplace, today=today):
        raise PermissionDenied


def manages(user: User, workplace: Workplace, *, today: date) -> bool:
    """Whether the person is a manager of the cooperative."""
    roles = _memberships(user, today).filter(cooperative=workplace.cooperative, role=Membership.Role.MANAGER)
    return roles.exists()


def settlement_statement_for(user: User, *, number: str, today: date) -> Statement:
    """The statement between the cooperative and the marketplace. Raises Http404 or PermissionDenied."""
    statement = statement_detail(number.upper())
    if statement is None:
        raise Http404
    _require_role(user, statement.cooperative_id, today)
    return statement


def _require_role(user: User, cooperative_id: int, today: date) -> None:
    roles = set(_memberships(user, today).filter(cooperative=cooperative_id).values_list("role", flat=True))
    if not roles:
        raise Http404
    if not roles & WORKING_ROLES:
        raise PermissionDenied


def _memberships(user: User, today: date) -> QuerySet[Membership]:
    return Membership.objects.in_force(today).filter(user=user.pk)
