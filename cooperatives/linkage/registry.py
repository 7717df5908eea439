"""The registry's dated rows: linkage models, who takes part, their raw-material areas, and communes' key products.

A model's status is decided by `services`. Rows are closed and appended, never rewritten: `cooperatives.services.row_close`
ends one.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.commodities.models import Commodity
from cooperatives.linkage.models import KeyProduct, LinkageArea, LinkageModel, LinkageParticipant
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from cooperatives.services import require_commune, require_period, row_close
from marketplace.common.errors import DomainError
from marketplace.common.text import clean_text


class LinkageCodeTakenError(DomainError):
    code = "linkage_code_taken"
    message = _("There is already a linkage model with the code %(code)s.")


class AlreadyTakesPartError(DomainError):
    code = "already_takes_part"
    message = _("%(cooperative)s already takes part on %(day)s.")


class AlreadyInAreaError(DomainError):
    code = "already_in_area"
    message = _("%(unit)s already belongs to the raw-material area on %(day)s.")


class AlreadyKeyProductError(DomainError):
    code = "already_key_product"
    message = _("%(commodity)s already is a key product of %(unit)s on %(day)s.")


def linkage_create(
    *,
    code: str,
    name: str,
    commodity: Commodity,
    form: LinkageModel.Form,
    valid_from: date,
    valid_to: date | None = None,
    note: str = "",
) -> LinkageModel:
    """A draft: a model that nothing was decided about. Raises LinkageCodeTakenError or EndsBeforeStartError."""
    require_period(valid_from, valid_to)
    if LinkageModel.objects.filter(code=code).exists():
        raise LinkageCodeTakenError(code=code)
    return LinkageModel.objects.create(
        code=code,
        name=clean_text(name),
        commodity=commodity,
        form=form,
        valid_from=valid_from,
        valid_to=valid_to,
        note=note,
    )


def participant_add(
    *, linkage: LinkageModel, cooperative: Cooperative, valid_from: date, valid_to: date | None = None
) -> LinkageParticipant:
    """The cooperative takes part; it may have left before. Raises AlreadyTakesPartError or EndsBeforeStartError."""
    require_period(valid_from, valid_to)
    if linkage.participants.filter(cooperative=cooperative).in_force(valid_from).exists():
        raise AlreadyTakesPartError(cooperative=cooperative.short_name, day=f"{valid_from:%d/%m/%Y}")
    return LinkageParticipant.objects.create(
        linkage=linkage, cooperative=cooperative, valid_from=valid_from, valid_to=valid_to
    )


def area_add(
    *,
    linkage: LinkageModel,
    unit: AdministrativeUnit,
    valid_from: date,
    valid_to: date | None = None,
    hectares: Decimal | None = None,
    households: int | None = None,
) -> LinkageArea:
    """A commune of the raw-material area, named by the unit valid on the row's first day.

    Raises AlreadyInAreaError, or the errors of `require_commune` and `require_period`.
    """
    require_commune(unit, valid_from)
    require_period(valid_from, valid_to)
    if linkage.areas.filter(unit=unit).in_force(valid_from).exists():
        raise AlreadyInAreaError(unit=unit.name, day=f"{valid_from:%d/%m/%Y}")
    return LinkageArea.objects.create(
        linkage=linkage,
        unit=unit,
        valid_from=valid_from,
        valid_to=valid_to,
        hectares=hectares,
        households=households,
    )


@transaction.atomic
def area_move(*, area: LinkageArea, unit: AdministrativeUnit, on: date) -> LinkageArea:
    """From the day on the row names another unit: how a part of a divided commune is placed by hand.

    The old row is closed and the new one returned. Raises the errors of `row_close` and `area_add`.
    """
    row_close(row=area, valid_to=on)
    return area_add(linkage=area.linkage, unit=unit, valid_from=on, hectares=area.hectares, households=area.households)


def key_product_decide(
    *,
    unit: AdministrativeUnit,
    commodity: Commodity,
    valid_from: date,
    decision_number: str,
    valid_to: date | None = None,
) -> KeyProduct:
    """The commodity is the commune's key product.

    Raises AlreadyKeyProductError, or the errors of `require_commune` and `require_period`.
    """
    require_commune(unit, valid_from)
    require_period(valid_from, valid_to)
    if unit.key_products.filter(commodity=commodity).in_force(valid_from).exists():
        raise AlreadyKeyProductError(commodity=commodity.name, unit=unit.name, day=f"{valid_from:%d/%m/%Y}")
    return KeyProduct.objects.create(
        unit=unit,
        commodity=commodity,
        valid_from=valid_from,
        valid_to=valid_to,
        decision_number=clean_text(decision_number),
    )
