"""Importing a bank's statement: read, judged and applied in batches, so that its length costs no memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from cooperatives.models import Cooperative
from marketplace.common.errors import DomainError
from marketplace.payment.models import StatementUpload
from marketplace.payment.providers.vietqr.statements import RowKeys, RowProblem, StatementRow, read_statement
from marketplace.payment.transfers import STATEMENT, Account, Finding, Incoming, Result, receive
from marketplace.users.models import User

BATCH = 200
PAGE_ROWS = 5_000
COMMAND_ROWS = 200_000
# Then a preview that nobody went on with is deleted.
UPLOAD_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row with what it is, or with what is wrong with it."""

    number: int
    row: StatementRow | None = None
    finding: Finding | None = None
    error: DomainError | None = None

    @property
    def is_new(self) -> bool:
        """Whether it brought something that was not known."""
        return self.finding is not None and self.finding.result in {Result.PAID, Result.QUEUED}


def preview_statement(*, file: BinaryIO, cooperative: Cooperative, maximum_rows: int) -> Iterator[RowResult]:
    """What an import would do with each row; writes nothing. Raises StatementError or WorkbookError while it is read."""
    account = Account(cooperative)
    for batch in _batches(file, maximum_rows):
        findings = iter(account.find([incoming for _read, incoming in batch if incoming]))
        yield from _results(batch, findings)


def import_statement(
    *, file: BinaryIO, cooperative: Cooperative, by: User | None, now: datetime, maximum_rows: int
) -> Iterator[RowResult]:
    """Imports the statement and yields what became of each row.

    The whole file is read once before anything is written: a file that cannot be read to its end pays nothing. Raises
    StatementError or WorkbookError then. Importing it again, or after being broken off, changes nothing twice.
    """
    for _row in read_statement(file, maximum_rows=maximum_rows):
        pass
    for batch in _batches(file, maximum_rows):
        # A new account for each batch: what the last one paid stands in the database now.
        findings = receive(
            account=Account(cooperative), batch=[incoming for _read, incoming in batch if incoming], by=by, now=now
        )
        yield from _results(batch, iter(findings))


def keep_upload(*, cooperative: Cooperative, name: str, content: bytes, by: User, now: datetime) -> StatementUpload:
    """The file between its preview and its import. Older ones that nobody went on with are deleted."""
    with transaction.atomic():
        StatementUpload.objects.filter(uploaded_at__lt=now - UPLOAD_LIFE).delete()
        StatementUpload.objects.filter(cooperative=cooperative, uploaded_by=by).delete()
        return StatementUpload.objects.create(
            cooperative=cooperative, name=name[:120], content=content, uploaded_at=now, uploaded_by=by
        )


Batch = list[tuple[StatementRow | RowProblem, Incoming | None]]


def _batches(file: BinaryIO, maximum_rows: int) -> Iterator[Batch]:
    keys = RowKeys()
    rows = read_statement(file, maximum_rows=maximum_rows)
    while read := list(islice(rows, BATCH)):
        yield [(row, None if isinstance(row, RowProblem) else _incoming(row, keys.key(row))) for row in read]


def _incoming(row: StatementRow, key: str) -> Incoming:
    return Incoming(
        source=STATEMENT,
        event_id=key,
        amount=row.amount,
        memo=row.memo,
        payer=row.payer,
        # Banks tell the day; noon is in it everywhere.
        occurred_at=timezone.make_aware(datetime.combine(row.booked_on, time(12))),
    )


def _results(batch: Batch, findings: Iterator[Finding]) -> Iterator[RowResult]:
    for read, _incoming_row in batch:
        if isinstance(read, RowProblem):
            yield RowResult(read.number, error=read.error)
        else:
            yield RowResult(read.number, row=read, finding=next(findings))
