"""Events, listed for 30 days."""

from .errors import StripeError, missing
from .listing import page
from .params import Params
from .settings import DAY
from .store import Obj
from .world import World

KEPT = 30 * DAY


def _kept(world: World) -> list[Obj]:
    return [row for row in world.store.newest_first("event") if row["created"] > world.now() - KEPT]


def list_events(world: World, params: Params) -> Obj:
    rows = _kept(world)
    kind, kinds = params.text("type"), params.texts("types")
    if kind and kinds:
        raise StripeError("You may only specify one of these parameters: type, types.")
    if kind:
        prefix = kind.removesuffix("*")
        rows = [row for row in rows if row["type"] == kind or (prefix != kind and row["type"].startswith(prefix))]
    if kinds:
        rows = [row for row in rows if row["type"] in kinds]
    delivered = params.text("delivery_success", among=("true", "false"))
    if delivered:
        rows = [row for row in rows if (row["pending_webhooks"] == 0) == (delivered == "true")]
    answer = page(rows, params, url="/v1/events")
    params.done()
    return answer


def retrieve(world: World, params: Params, name: str) -> Obj:
    params.done()
    for row in _kept(world):
        if row["id"] == name:
            return row
    raise missing("event", name)
