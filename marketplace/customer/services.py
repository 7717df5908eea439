"""The address book of an account."""

from datetime import datetime

from cooperatives.places.models import AdministrativeUnit
from marketplace.customer.models import SavedAddress
from marketplace.users.models import User

MAXIMUM_ADDRESSES = 20


def remember_address(
    *,
    user: User,
    name: str,
    phone: str,
    commune: AdministrativeUnit,
    street: str,
    directions: str,
    now: datetime,
) -> SavedAddress:
    """The address as the latest used; the same one again is not kept twice, and the oldest make room."""
    saved, _is_new = SavedAddress.objects.update_or_create(
        user=user,
        name=name,
        phone=phone,
        commune=commune,
        street=street,
        defaults={"directions": directions, "used_at": now},
    )
    latest = SavedAddress.objects.filter(user=user).order_by("-used_at", "-pk").values_list("pk", flat=True)
    too_many = list(latest[MAXIMUM_ADDRESSES:])
    SavedAddress.objects.filter(pk__in=too_many).delete()
    return saved


def forget_address(*, user: User, pk: int) -> None:
    """Somebody else's address stays."""
    SavedAddress.objects.filter(user=user, pk=pk).delete()
