"""What the registry says publicly of a linkage model and of a commune. A model's counterparties' names and volumes are not published."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q

from cooperatives.linkage.models import (
    KeyProduct,
    LinkageArea,
    LinkageContract,
    LinkageModel,
    LinkageParticipant,
    LinkageStatus,
)
from cooperatives.places.models import AdministrativeUnit, Succession


@dataclass(frozen=True)
class LinkageRecord:
    """A model that was verified at some time, with all its dated rows in order."""

    linkage: LinkageModel
    participants: list[LinkageParticipant]
    areas: list[LinkageArea]
    statuses: list[LinkageStatus]
    contracts: list[LinkageContract]

    def status_on(self, day: date) -> LinkageStatus | None:
        """The latest decision on or before the day."""
        return next((status for status in reversed(self.statuses) if status.decided_on <= day), None)


def public_record(code: str) -> LinkageRecord | None:
    """The model of the code, or None: a draft that was never verified is not public. Five queries."""
    linkage = (
        LinkageModel.objects.filter(code=code)
        .select_related("commodity")
        .prefetch_related(
            Prefetch(
                "participants",
                LinkageParticipant.objects.select_related("cooperative").order_by("valid_from", "pk"),
                to_attr="participant_rows",
            ),
            Prefetch(
                "areas", LinkageArea.objects.select_related("unit").order_by("valid_from", "pk"), to_attr="area_rows"
            ),
            Prefetch("statuses", LinkageStatus.objects.order_by("decided_on", "pk"), to_attr="status_rows"),
            Prefetch("contracts", LinkageContract.objects.order_by("signed_on", "pk"), to_attr="contract_rows"),
        )
        .first()
    )
    if linkage is None or not any(row.status == LinkageStatus.Status.VERIFIED for row in linkage.status_rows):
        return None
    return LinkageRecord(
        linkage, linkage.participant_rows, linkage.area_rows, linkage.status_rows, linkage.contract_rows
    )


def key_products_of(unit: AdministrativeUnit, on: date) -> list[KeyProduct]:
    """The commune's key products in force on the day, decided for itself or for a commune that it came from."""
    origins = Succession.objects.filter(successor=unit, is_default=True).values("predecessor")
    rows = KeyProduct.objects.in_force(on).filter(Q(unit=unit) | Q(unit__in=origins)).select_related("commodity")
    return list({row.commodity_id: row for row in rows.order_by("commodity__name", "pk")}.values())


def became(unit: AdministrativeUnit) -> list[AdministrativeUnit]:
    """The units that this one went into, wholly or in part."""
    return list(AdministrativeUnit.objects.filter(origins__predecessor=unit).order_by("code"))
