"""The tree of commodities, read whole: it has some hundreds of nodes."""

from django.utils.translation import gettext_lazy as _

from cooperatives.commodities.models import Commodity
from marketplace.common.errors import DomainError


class CommodityNotFoundError(DomainError):
    code = "commodity_not_found"
    message = _("There is no commodity “%(commodity)s”.")


class CommodityTree:
    """The tree at one moment, read by one query; every question after it costs none."""

    def __init__(self) -> None:
        self._paths: dict[int, str] = dict(Commodity.objects.order_by("path").values_list("pk", "path"))
        self._keys = {path: pk for pk, path in self._paths.items()}

    def ancestors_or_self(self, commodity_id: int) -> frozenset[int]:
        """Keys from the root to the commodity, itself included; none for a key that the tree does not hold."""
        path = self._paths.get(commodity_id, "")
        lengths = range(Commodity.steplen, len(path) + 1, Commodity.steplen)
        return frozenset(self._keys[path[:length]] for length in lengths)

    def is_of(self, commodity_id: int, ancestor_id: int) -> bool:
        """Whether the first is the second or a descendant of it."""
        path, above = self._paths.get(commodity_id), self._paths.get(ancestor_id)
        return path is not None and above is not None and path.startswith(above)

    def descendants_map(self) -> dict[int, frozenset[int]]:
        """For every commodity the keys of itself and of all its descendants."""
        found: dict[int, set[int]] = {pk: set() for pk in self._paths}
        for pk in self._paths:
            for ancestor in self.ancestors_or_self(pk):
                found[ancestor].add(pk)
        return {pk: frozenset(members) for pk, members in found.items()}


def descendants_map() -> dict[int, frozenset[int]]:
    """For every commodity the keys of itself and of all its descendants. One query."""
    return CommodityTree().descendants_map()


def descendant_ids(commodity: Commodity) -> frozenset[int]:
    """Keys of the commodity and of all its descendants. One query."""
    return frozenset(Commodity.objects.filter(path__startswith=commodity.path).values_list("pk", flat=True))


def is_of(commodity: Commodity, ancestor: Commodity) -> bool:
    """Whether the first is the second or a descendant of it, from the paths that both carry. No query."""
    return commodity.path.startswith(ancestor.path)


def commodity_by_code(code: str) -> Commodity:
    """Raises CommodityNotFoundError."""
    try:
        return Commodity.objects.get(code=code)
    except Commodity.DoesNotExist as error:
        raise CommodityNotFoundError(commodity=code) from error
