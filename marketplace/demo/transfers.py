"""Bank accounts of the demo's cooperatives, so that buyers may pay by transfer. No bank gives such numbers to anybody."""

from marketplace.common.text import fold
from marketplace.demo.world import World
from marketplace.payment.models import BankAccount
from marketplace.payment.providers.vietqr.banks import BANKS

# Most people of the mountains bank with the first of the list; every third cooperative here with one of the next four.
_NEIGHBOURS = BANKS[1:5]


def load_bank_accounts(world: World) -> None:
    """Name every cooperative's account."""
    BankAccount.objects.bulk_create(
        BankAccount(
            cooperative=cooperative,
            bank_bin=(BANKS[0] if rank % 3 else _NEIGHBOURS[rank // 3 % len(_NEIGHBOURS)]).bin,
            account_number=f"DEMO{rank:06d}",
            holder=fold(cooperative.short_name).upper(),
            changed_at=world.now,
        )
        for rank, cooperative in enumerate(world.cooperatives.values(), start=1)
    )
