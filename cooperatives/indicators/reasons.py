"""Why a commune is not covered yet, or covered and not traded yet: what an official can act on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cooperatives.indicators.core import VERIFIED, Calculator, Day, ModelEvidence, units_of
from cooperatives.indicators.facts import Model
from cooperatives.indicators.geography import area_on
from cooperatives.indicators.loading import Loaded, load
from cooperatives.indicators.models import CoverageRule
from cooperatives.indicators.selectors import parameters, refuse_future, rule_in_force
from cooperatives.linkage.models import LinkageStatus
from cooperatives.places.models import AdministrativeUnit

_TEXTS = {
    "no_key_product": _("No key product has been decided for it."),
    "no_linkage": _("No linkage model for its key products reaches it."),
    "not_verified": _("Linkage model %(linkage)s has not been verified."),
    "suspended": _("Linkage model %(linkage)s is suspended."),
    "ended": _("Linkage model %(linkage)s has ended."),
    "no_participant": _("No cooperative takes part in linkage model %(linkage)s on this day."),
    "cooperative_inactive": _("No cooperative that takes part in linkage model %(linkage)s is active."),
    "not_served": _("No cooperative that takes part in linkage model %(linkage)s serves the commune."),
    "not_listed": _("Linkage model %(linkage)s has had no product from the commune on sale in the window."),
    "too_few_buyers": _("Linkage model %(linkage)s has %(buyers)s of %(minimum)s different buyers from the commune."),
}


@dataclass(frozen=True)
class Reason:
    """`code` is stable; `str()` is the sentence in the reader's language. `linkage_id` None: about the commune."""

    code: str
    linkage_id: int | None
    params: dict[str, object]

    @property
    def text(self) -> str | Promise:
        return _TEXTS[self.code]

    def __str__(self) -> str:
        return str(self.text) % self.params


def why_not_yet(
    unit: AdministrativeUnit, as_of: date, rule: CoverageRule | None = None, *, today: date
) -> tuple[Reason, ...]:
    """What keeps the commune from being covered; of a covered one, from being traded; empty when it is both.

    A fixed number of queries. Raises FutureDateError, NoRuleInForceError, ScopeHasNoValueError for a unit that is
    not valid on the day.
    """
    refuse_future(as_of, today)
    rule = rule or rule_in_force(as_of)
    loaded = load(areas=[area_on(scope=unit, on=as_of)], first=as_of, last=as_of, window_days=rule.window_days)
    calculator = Calculator(loaded.facts, parameters(rule))
    evaluation = calculator.at(as_of)
    day = calculator.on(as_of)
    covering = dict(evaluation.covering.get(unit.pk, ()))
    if not covering:
        return tuple(_reasons_uncovered(unit.pk, day, loaded))
    if max(covering.values()) >= rule.required_level:
        return ()
    models = [model for model in loaded.facts.models if model.pk in covering]
    return tuple(_not_traded(unit.pk, model, day.evidence(model), loaded, rule) for model in models)


def _reasons_uncovered(unit: int, day: Day, loaded: Loaded) -> Iterator[Reason]:
    keys = day.keys().get(unit, set())
    if not keys:
        yield Reason("no_key_product", None, {})
        return
    served = day.served()
    fitting = [
        model
        for model in loaded.facts.models
        if not keys.isdisjoint(loaded.facts.lineage[model.commodity]) and _reaches(unit, model, day, served)
    ]
    if not fitting:
        yield Reason("no_linkage", None, {})
    for model in fitting:
        yield Reason(_obstacle(unit, model, day, served), model.pk, {"linkage": loaded.labels[model.pk].code})


def _reaches(unit: int, model: Model, day: Day, served: dict[int, set[int]]) -> bool:
    return unit in day.communes(model, served)


def _obstacle(unit: int, model: Model, day: Day, served: dict[int, set[int]]) -> str:
    """The first condition of coverage that the model fails in the unit."""
    status = day.status(model)
    if status in {LinkageStatus.Status.SUSPENDED, LinkageStatus.Status.ENDED}:
        return status
    if status != VERIFIED:
        return "not_verified"
    participants = day.participants(model)
    active = participants & day.active_cooperatives()
    if not participants:
        return "no_participant"
    return "not_served" if active and unit not in units_of(served, active) else "cooperative_inactive"


def _not_traded(unit: int, model: Model, evidence: ModelEvidence, loaded: Loaded, rule: CoverageRule) -> Reason:
    linkage = loaded.labels[model.pk].code
    if unit not in evidence.listed:
        return Reason("not_listed", model.pk, {"linkage": linkage})
    buyers = len(evidence.buyers.get(unit, ()))
    return Reason("too_few_buyers", model.pk, {"linkage": linkage, "buyers": buyers, "minimum": rule.minimum_buyers})
