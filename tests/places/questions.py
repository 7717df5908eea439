from datetime import date

from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import ScopeHasNoValueError, scope_on


def has_value(scope: AdministrativeUnit, on: date) -> bool:
    try:
        scope_on(scope=scope, on=on)
    except ScopeHasNoValueError:
        return False
    return True
