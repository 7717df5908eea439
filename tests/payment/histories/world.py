"""What the acts of a history share: its people, goods, clock, chance, and the post that is still on its way."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count
from random import Random

from django.db import transaction

from cooperatives.partner.models import StockRecord
from marketplace.common.errors import DomainError
from marketplace.ledger.models import Entry
from marketplace.order.models import Parcel
from marketplace.order.placing import Address
from marketplace.payment.events import apply_event, store_event
from marketplace.payment.models import Refund
from marketplace.settlement.models import Bill, ConnectedAccount, Payout, Statement
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, destination
from tests.factories.settlement import finance_person, name_account
from tests.payment.histories.bank import CardBank

FEE = 5
STOCK = 90


@dataclass
class Letter:
    """What somebody tells us of money; read again, it changes nothing."""

    read: Callable[[], object]
    times: int = 0


class World:
    """Two cooperatives and their goods, three people of the marketplace, a card bank, and a clock. The second cooperative
    has an account at the card bank.
    """

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.now = PLACED_AT
        self.sellers = [CooperativeFactory(), CooperativeFactory()]
        step = {"step": Decimal("0.5"), "price_per_unit": 121_998, "stock": STOCK}
        self.goods = [
            [
                ListingFactory(cooperative=seller, is_weighed=True, **step),
                ListingFactory(cooperative=seller, step=1, sale_unit="bundle", price_per_unit=35_000, stock=STOCK),
            ]
            for seller in self.sellers
        ]
        self.people = [finance_person() for _ in range(3)]
        name_account(self.sellers[0], now=self.now - timedelta(days=9))
        ConnectedAccount.objects.create(
            cooperative=self.sellers[1], account="acct_second", changed_at=self.now - timedelta(days=9)
        )
        self.address = Address(commune=destination(), street="12 phố Xuân Trường")
        self.shelf = {record.pk: record.num_in_stock for record in StockRecord.objects.all()}
        self.written_off: dict[int, int] = defaultdict(int)
        self.paid_out: dict[int, int] = defaultdict(int)
        self.bank = CardBank(self.rng, self.now)
        self.heard = 0
        self.letters: list[Letter] = []
        self.names = count(1)
        self.done: Counter[str] = Counter()

    def pass_time(self, hours: int) -> None:
        """Never two acts at one moment."""
        self.now += timedelta(hours=hours, seconds=1)
        self.bank.now = self.now

    def one_of(self, rows):
        """One of the rows, the youngest more often; None of none."""
        found = list(rows.order_by("-pk"))
        return found[min(int(self.rng.expovariate(0.3)), len(found) - 1)] if found else None

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def attempt(self, act: Callable[[], object]) -> bool:
        """Whether the act was done; refused, it has changed nothing."""
        before = snapshot()
        try:
            with transaction.atomic():
                act()
        except DomainError as error:
            self.done[f"refused {error.code}"] += 1
            assert snapshot() == before
            return False
        return True

    # The post.

    def collect_news(self) -> None:
        """What the card bank has told since is post of ours."""
        for news in self.bank.news[self.heard :]:

            def read(news=news):
                event = store_event(news=news, now=self.now)
                assert apply_event(provider=self.bank, event=event, now=self.now), news

            self.letters.append(Letter(read))
        self.heard = len(self.bank.news)

    def read_letter(self, letter: Letter) -> None:
        self.pass_time(0)
        self.done["letter read out of order"] += any(not other.times for other in self.letters_before(letter))
        self.done["letter read again"] += bool(letter.times)
        letter.times += 1
        before = snapshot()
        letter.read()
        assert letter.times == 1 or snapshot() == before

    def letters_before(self, letter: Letter) -> list[Letter]:
        return self.letters[: self.letters.index(letter)]

    def read_everything(self) -> None:
        """All that is still on its way, the latest first, and then everything once more."""
        for again in range(2):
            self.collect_news()
            for letter in reversed(self.letters):
                if again or not letter.times:
                    self.read_letter(letter)


def snapshot() -> tuple:
    return (
        list(Parcel.objects.order_by("pk").values_list("status", "total", "amount_received", "amount_refunded")),
        list(Refund.objects.order_by("pk").values_list("status", "amount")),
        list(Payout.objects.order_by("pk").values_list("status", "amount", "turn")),
        list(Bill.objects.order_by("pk").values_list("status", "amount")),
        Statement.objects.count(),
        Entry.objects.count(),
    )
