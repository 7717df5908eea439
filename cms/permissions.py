"""Which units an official answers for, and which objects of the registry follow from them."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from wagtail.permission_policies import ModelPermissionPolicy

from cms.models import OfficialScope
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.linkage.models import KeyProduct, LinkageArea, LinkageModel, LinkageParticipant
from cooperatives.models import Cooperative, CooperativeCommune
from cooperatives.places.models import AdministrativeUnit, Succession
from marketplace.users.models import User

EVERY_UNIT = "cms.see_every_unit"


def units_of_scope(scope_ids: Sequence[int]) -> frozenset[int]:
    """Keys of the units within the scopes, of both generations: what they contain, came from and became."""
    within = set(
        AdministrativeUnit.objects.filter(Q(pk__in=scope_ids) | Q(parent__in=scope_ids) | Q(province__in=scope_ids))
        .order_by()
        .values_list("pk", flat=True)
    )
    pairs = Succession.objects.filter(Q(successor__in=within) | Q(predecessor__in=within)).order_by()
    for predecessor, successor in pairs.values_list("predecessor", "successor"):
        within |= {predecessor, successor}
    return frozenset(within)


def units_answered_for(user: User | AnonymousUser, on: date) -> frozenset[int] | None:
    """Keys of the units that the user answers for on the day; None means every unit.

    An appointment limits whoever has one. Without one only a superuser or a provincial official sees anything.
    """
    if not user.is_authenticated:
        return frozenset()
    # A form asks once for each of its rows: the answer stays with the person for the length of a request.
    known: dict[date, frozenset[int] | None] = user.__dict__.setdefault("_units_answered_for", {})
    if on not in known:
        known[on] = _units_answered_for(user, on)
    return known[on]


def _units_answered_for(user: User, on: date) -> frozenset[int] | None:
    scope_ids = list(OfficialScope.objects.in_force(on).filter(user=user).values_list("unit", flat=True))
    if scope_ids:
        return units_of_scope(scope_ids)
    return None if user.has_perm(EVERY_UNIT) else frozenset()


def _key_products(units: frozenset[int]) -> Q:
    return Q(unit__in=units)


def _cooperatives(units: frozenset[int]) -> Q:
    return Q(pk__in=CooperativeCommune.objects.filter(unit__in=units).values("cooperative"))


def _linkages(units: frozenset[int]) -> Q:
    local = CooperativeCommune.objects.filter(unit__in=units).values("cooperative")
    return Q(pk__in=LinkageArea.objects.filter(unit__in=units).values("linkage")) | Q(
        pk__in=LinkageParticipant.objects.filter(cooperative__in=local).values("linkage")
    )


def _of_cooperatives(units: frozenset[int]) -> Q:
    return Q(cooperative__in=CooperativeCommune.objects.filter(unit__in=units).values("cooperative"))


_LIMITS: dict[type[Model], Callable[[frozenset[int]], Q]] = {
    KeyProduct: _key_products,
    Cooperative: _cooperatives,
    LinkageModel: _linkages,
    Certificate: _of_cooperatives,
    OcopRecognition: _of_cooperatives,
}


def within_scope(queryset: QuerySet, user: User | AnonymousUser) -> QuerySet:
    """The rows that belong to the units that the user answers for today."""
    limit = _LIMITS.get(queryset.model)
    if limit is None:
        return queryset
    units = units_answered_for(user, timezone.localdate())
    return queryset if units is None else queryset.filter(limit(units))


class ScopedPermissionPolicy(ModelPermissionPolicy):
    """Django's permissions of the model, on the objects of the units that the user answers for."""

    def instances_user_has_any_permission_for(self, user: Any, actions: Sequence[str]) -> QuerySet:
        return within_scope(super().instances_user_has_any_permission_for(user, actions), user)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        if not self.user_has_permission(user, action):
            return False
        return within_scope(type(instance)._default_manager.filter(pk=instance.pk), user).exists()  # noqa: SLF001
