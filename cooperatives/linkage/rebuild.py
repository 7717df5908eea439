"""Makes all evidence again from the registered sources, and tells whether what was appended agrees with it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import models, transaction

from cooperatives.linkage.evidence import (
    BuyerFact,
    ListingFact,
    SaleFact,
    buyer_sources,
    component_of,
    contact_hashes,
    is_insider,
    known_buyers,
    listing_sources,
    sale_row,
    sale_sources,
)
from cooperatives.linkage.insiders import Hashes, InsiderIndex
from cooperatives.linkage.models import BuyerContact, ListingEvidence, SaleEvidence, SaleReduction

Progress = Callable[[str, int], None]

BATCH = 2_000
_CONTACT_FIELDS = ("placed_on", "account", "phone", "email")
_LISTING_FIELDS = ("cooperative_id", "commodity_id", "unit_id", "first_on", "last_on")
_SALE_FIELDS = (
    "order_key",
    "cooperative_id",
    "commodity_id",
    "unit_id",
    "delivered_on",
    "paid_on",
    "amount",
    "by_insider",
)
_REDUCTION_FIELDS = ("sale_id", "reduced_on", "amount")


@dataclass
class TableReport:
    """How a table differed from its sources: rows it lacked, rows with other facts, rows that no source knows.

    `is_skipped` when no source is registered; then nothing was compared.
    """

    table: str
    rows: int = 0
    missing: int = 0
    different: int = 0
    extra: int = 0
    is_skipped: bool = False

    @property
    def agrees(self) -> bool:
        return not (self.missing or self.different or self.extra)


@dataclass
class RebuildReport:
    """Tables in the order of their rebuilding. Buyers are compared as a partition of orders, not by number."""

    tables: list[TableReport] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return all(table.agrees for table in self.tables)


def _silent(_table: str, _done: int) -> None:
    """Says nothing: what a rebuild without an audience does."""


@transaction.atomic
def rebuild(*, progress: Progress = _silent, check: bool = False) -> RebuildReport:
    """Compares every evidence table with its sources and, unless `check`, makes it equal to them.

    `progress` hears (table, rows done). What an erased person's order no longer tells is kept from its hashes: a
    contact is never deleted, a contact that is gone from the order keeps its hash, and a sale to an insider whose
    contacts are gone stays one. A table without a registered source is left as it is.
    """
    report = RebuildReport()
    report.tables.append(_rebuild_buyers(progress, check=check))
    report.tables.append(_rebuild_listings(progress, check=check))
    report.tables.extend(_rebuild_sales(progress, check=check))
    return report


def _rebuild_buyers(progress: Progress, *, check: bool) -> TableReport:
    report = TableReport("buyers", is_skipped=not buyer_sources)
    if report.is_skipped:
        return report
    known = {contact.order_key: contact for contact in BuyerContact.objects.all()}
    numbers = {key: contact.component for key, contact in known.items()}
    wanted: dict[str, BuyerContact] = {}
    facts: Iterator[BuyerFact] = (fact for source in buyer_sources for fact in source())
    for done, fact in enumerate(facts, start=1):
        wanted[fact.order_key] = _contact(fact, known.get(fact.order_key))
        if done % BATCH == 0:
            progress(report.table, done)
    report.rows = len(wanted)
    wanted = {**known, **wanted}
    _join(wanted.values())
    changed = [
        contact
        for key, contact in wanted.items()
        if contact.pk and (contact.component != numbers[key] or _differs(contact, known[key]))
    ]
    missing = [contact for contact in wanted.values() if not contact.pk]
    report.missing, report.different = len(missing), len(changed)
    if not check:
        BuyerContact.objects.bulk_update(changed, [*_CONTACT_FIELDS, "component"], batch_size=200)
        BuyerContact.objects.bulk_create(missing, batch_size=BATCH)
    progress(report.table, report.rows)
    return report


def _contact(fact: BuyerFact, known: BuyerContact | None) -> BuyerContact:
    told = contact_hashes(account_id=fact.account_id, phone=fact.phone, email=fact.email)
    return BuyerContact(
        pk=known.pk if known else None,
        order_key=fact.order_key,
        placed_on=fact.placed_on,
        account=told.account or (known.account if known else ""),
        phone=told.phone or (known.phone if known else ""),
        email=told.email or (known.email if known else ""),
        component=known.component if known else 0,
    )


def _differs(contact: BuyerContact, known: BuyerContact) -> bool:
    return any(getattr(contact, name) != getattr(known, name) for name in _CONTACT_FIELDS)


def _join(contacts: Iterable[BuyerContact]) -> None:
    """Gives the orders of each connected component one number. Components that agree already keep theirs."""
    root: dict[str, str] = {}

    def find(order_key: str) -> str:
        while root[order_key] != order_key:
            root[order_key] = root[root[order_key]]
            order_key = root[order_key]
        return order_key

    groups: dict[str, list[BuyerContact]] = defaultdict(list)
    first: dict[tuple[str, str], str] = {}
    contacts = list(contacts)
    for contact in contacts:
        root[contact.order_key] = contact.order_key
        for name in ("account", "phone", "email"):
            if value := getattr(contact, name):
                root[find(contact.order_key)] = find(first.setdefault((name, value), contact.order_key))
    for contact in contacts:
        groups[find(contact.order_key)].append(contact)
    numbers_of_several = _numbers_of_several(groups.values())
    for group in groups.values():
        numbers = {contact.component for contact in group}
        if len(numbers) > 1 or not numbers.isdisjoint(numbers_of_several):
            number = min(component_of(contact.order_key) for contact in group)
            for contact in group:
                contact.component = number


def _numbers_of_several(groups: Iterable[list[BuyerContact]]) -> set[int]:
    """Numbers that more than one component carries, and 0, which no component may."""
    seen: set[int] = set()
    several = {0}
    for group in groups:
        numbers = {contact.component for contact in group}
        several |= numbers & seen
        seen |= numbers
    return several


def _rebuild_listings(progress: Progress, *, check: bool) -> TableReport:
    report = TableReport("listings", is_skipped=not listing_sources)
    if not report.is_skipped:
        table = _Table(ListingEvidence.objects, _LISTING_FIELDS, report, check=check)
        facts: Iterator[ListingFact] = (fact for source in listing_sources for fact in source())
        for batch in _batches(facts):
            table.match([ListingEvidence(**fact.__dict__) for fact in batch])
            progress(report.table, report.rows)
        table.remove_extra()
    return report


def _rebuild_sales(progress: Progress, *, check: bool) -> tuple[TableReport, TableReport]:
    sales, reductions = TableReport("sales"), TableReport("reductions")
    sales.is_skipped = reductions.is_skipped = not sale_sources
    if not sales.is_skipped:
        insiders = InsiderIndex(None, contact_hashes)
        sale_table = _Table(SaleEvidence.objects, _SALE_FIELDS, sales, check=check)
        reduction_table = _Table(SaleReduction.objects, _REDUCTION_FIELDS, reductions, check=check)
        facts: Iterator[SaleFact] = (fact for source in sale_sources for fact in source())
        for batch in _batches(facts):
            _match_sales(batch, insiders, sale_table, reduction_table)
            progress(sales.table, sales.rows)
        reduction_table.remove_extra()
        sale_table.remove_extra()
    return sales, reductions


def _match_sales(
    facts: list[SaleFact], insiders: InsiderIndex, sale_table: "_Table", reduction_table: "_Table"
) -> None:
    buyers = known_buyers(fact.order_key for fact in facts)
    sources = [fact.source for fact in facts]
    rows = SaleEvidence.objects.filter(source__in=sources, by_insider=True).values_list("source", flat=True)
    marked = set(rows)
    sale_table.match(
        [sale_row(fact, by_insider=_by_insider(fact, insiders, buyers, fact.source in marked)) for fact in facts]
    )
    ids = dict(SaleEvidence.objects.filter(source__in=sources).values_list("source", "pk"))
    reduction_table.match(
        [
            SaleReduction(
                source=reduction.source,
                sale_id=ids.get(fact.source, 0),
                reduced_on=reduction.reduced_on,
                amount=reduction.amount,
            )
            for fact in facts
            for reduction in fact.reductions
        ]
    )


def _by_insider(fact: SaleFact, insiders: InsiderIndex, buyers: dict[str, Hashes], is_marked: bool) -> bool:  # noqa: FBT001
    is_erased = fact.account_id is None and not fact.phone and not fact.email
    return is_insider(fact, insiders, buyers) or (is_marked and is_erased)


class _Table:
    """Matches rows that are known by their source."""

    def __init__(self, rows: models.Manager, names: tuple[str, ...], report: TableReport, *, check: bool) -> None:
        self.manager = rows
        self.names = names
        self.report = report
        self.check = check
        self.seen: set[int] = set()

    def match(self, wanted: list[Any]) -> None:
        """Compares the wanted rows with those of the same sources; creates and corrects unless checking."""
        known = {row.source: row for row in self.manager.filter(source__in=[row.source for row in wanted])}
        missing, changed = [], []
        for row in wanted:
            recorded = known.get(row.source)
            if recorded is None:
                missing.append(row)
                continue
            self.seen.add(recorded.pk)
            if any(getattr(row, name) != getattr(recorded, name) for name in self.names):
                row.pk = recorded.pk
                changed.append(row)
        self.report.rows += len(wanted)
        self.report.missing += len(missing)
        self.report.different += len(changed)
        if not self.check:
            self.manager.bulk_update(changed, self.names, batch_size=200)
            self.manager.bulk_create(missing)
            self.seen |= {row.pk for row in missing}

    def remove_extra(self) -> None:
        """Counts, and unless checking deletes, the rows that no source knows."""
        extra = [pk for pk in self.manager.values_list("pk", flat=True).iterator() if pk not in self.seen]
        self.report.extra = len(extra)
        if not self.check:
            for start in range(0, len(extra), BATCH):
                self.manager.filter(pk__in=extra[start : start + BATCH]).delete()


def _batches(facts: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(facts)
    while batch := list(islice(iterator, BATCH)):
        yield batch
