"""Ways of delivery, and what they cost for the goods of one parcel."""

from collections.abc import Iterable

from marketplace.shipping.models import DeliveryOption


def options_of(cooperative_ids: Iterable[int]) -> dict[int, list[DeliveryOption]]:
    """What each cooperative offers. One query."""
    offered: dict[int, list[DeliveryOption]] = {pk: [] for pk in cooperative_ids}
    for option in DeliveryOption.objects.filter(cooperative_id__in=list(offered), is_active=True).order_by("pk"):
        offered[option.cooperative_id].append(option)
    return offered


def charge_for(option: DeliveryOption, goods_total: int) -> int:
    """In đồng, for goods of that amount."""
    if option.free_from is not None and goods_total >= option.free_from:
        return 0
    return int(option.charge)


def has_delivery(cooperative_id: int) -> bool:
    """Whether the cooperative can send anything: without it nothing of it may be published."""
    return DeliveryOption.objects.filter(cooperative_id=cooperative_id, is_active=True).exists()
