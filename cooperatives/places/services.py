"""Loading the country's administrative units, and renaming one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.places.dataset import (
    CAO_BANG,
    RESTRUCTURED_ON,
    Dataset,
    Identity,
    UnitRecord,
    read_dataset,
    require_expected_counts,
)
from cooperatives.places.models import AdministrativeUnit, DatedName, Succession
from marketplace.common.errors import DomainError
from marketplace.common.text import clean_text, fold

Kind = AdministrativeUnit.Kind
Level = AdministrativeUnit.Level
Progress = Callable[[str, int, int], None]

BATCH = 2_000


class RenameOutsideValidityError(DomainError):
    code = "rename_outside_validity"
    message = _("%(name)s cannot be renamed on %(day)s: the day must be after its latest naming and before its end.")


@dataclass(frozen=True)
class LoadResult:
    """How many rows a load added; it never alters or removes one."""

    units: int
    successions: int
    names: int

    @property
    def is_unchanged(self) -> bool:
        return not (self.units or self.successions or self.names)


@dataclass(frozen=True)
class Rename:
    """A rename without a change of area since the data files were made."""

    identity: Identity
    on: date
    kind: Kind
    name: str
    short_name: str
    legal_source: str


RENAMES = (
    Rename(
        Identity("75", RESTRUCTURED_ON),
        date(2026, 4, 30),
        Kind.THANH_PHO,
        "Thành phố Đồng Nai",
        "Đồng Nai",
        "Nghị quyết 30/2026/QH16",
    ),
)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Says nothing: what a load without an audience does."""


def load_units(*, progress: Progress = _silent, package_dir: Path | None = None) -> LoadResult:
    """Adds what is missing of both generations, their successions and renames, in one transaction.

    `progress` hears (stage, done, total). Raises the errors of `read_dataset`; then, as when the counts in the
    database are not the official ones, nothing has changed.
    """
    progress("read", 0, 1)
    dataset = read_dataset(package_dir)
    progress("read", 1, 1)
    with transaction.atomic():
        ids = _existing_ids()
        units = _add_units(dataset, ids, progress)
        successions = _add_successions(dataset, ids, progress)
        require_expected_counts(_counts_in_database())
        names = _add_renames()
        result = LoadResult(units=units, successions=successions, names=names)
        if not result.is_unchanged:
            _refresh_statistics()
    return result


@transaction.atomic
def rename_unit(
    *, unit: AdministrativeUnit, on: date, name: str, short_name: str, kind: Kind | str, legal_source: str = ""
) -> DatedName:
    """Gives the unit another name from a day on; its identity, area and successions stay.

    Returns the new name's row. Raises RenameOutsideValidityError.
    """
    latest = unit.names.order_by("valid_from").last()
    named_from = latest.valid_from if latest else unit.valid_from
    if on <= named_from or (unit.valid_to and on >= unit.valid_to):
        raise RenameOutsideValidityError(name=unit.name, day=f"{on:%d/%m/%Y}")
    if latest is None:
        unit.names.create(
            name=unit.name, short_name=unit.short_name, kind=unit.kind, valid_from=unit.valid_from, valid_to=on
        )
    else:
        latest.valid_to = on
        latest.save(update_fields=["valid_to"])
    unit.name, unit.short_name, unit.kind = clean_text(name), clean_text(short_name), kind
    unit.save(update_fields=["name", "short_name", "kind", "folded_name"])
    return unit.names.create(
        name=unit.name,
        short_name=unit.short_name,
        kind=kind,
        valid_from=on,
        valid_to=unit.valid_to,
        legal_source=legal_source,
    )


def _existing_ids() -> dict[Identity, int]:
    rows = AdministrativeUnit.objects.order_by().values_list("code", "valid_from", "pk")
    return {Identity(code, valid_from): pk for code, valid_from, pk in rows}


def _add_units(dataset: Dataset, ids: dict[Identity, int], progress: Progress) -> int:
    missing = [record for record in dataset.units if record.identity not in ids]
    done = 0
    # A unit's parent must have its key first, and the records are sorted by level.
    for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE):
        records = [record for record in missing if record.level == level]
        for start in range(0, len(records), BATCH):
            batch = [_unit(record, ids) for record in records[start : start + BATCH]]
            for unit in AdministrativeUnit.objects.bulk_create(batch):
                ids[Identity(unit.code, unit.valid_from)] = unit.pk
            done += len(batch)
            progress("units", done, len(missing))
    return done


def _unit(record: UnitRecord, ids: dict[Identity, int]) -> AdministrativeUnit:
    return AdministrativeUnit(
        code=record.identity.code,
        valid_from=record.identity.valid_from,
        valid_to=record.valid_to,
        level=record.level,
        kind=record.kind,
        name=record.name,
        short_name=record.short_name,
        folded_name=fold(record.name),
        parent_id=ids[record.parent] if record.parent else None,
        province_id=ids[record.province] if record.province else None,
        latitude=record.latitude,
        longitude=record.longitude,
        area_km2=None if record.area_km2 is None else str(record.area_km2),
    )


def _add_successions(dataset: Dataset, ids: dict[Identity, int], progress: Progress) -> int:
    known = set(Succession.objects.order_by().values_list("predecessor_id", "successor_id"))
    missing = [
        Succession(predecessor_id=old, successor_id=new, on=RESTRUCTURED_ON, is_default=record.is_default)
        for record in dataset.successions
        if ((old := ids[record.predecessor]), (new := ids[record.successor])) not in known
    ]
    for start in range(0, len(missing), BATCH):
        Succession.objects.bulk_create(missing[start : start + BATCH])
        progress("successions", min(start + BATCH, len(missing)), len(missing))
    return len(missing)


def _add_renames() -> int:
    added = 0
    for rename in RENAMES:
        code, valid_from = rename.identity
        unit = AdministrativeUnit.objects.get(code=code, valid_from=valid_from)
        if not unit.names.filter(valid_from=rename.on).exists():
            rename_unit(
                unit=unit,
                on=rename.on,
                name=rename.name,
                short_name=rename.short_name,
                kind=rename.kind,
                legal_source=rename.legal_source,
            )
            added += 1
    return added


def _refresh_statistics() -> None:
    """PostgreSQL plans by what it last counted: for tables it takes for empty, a query by province took over a minute."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in (AdministrativeUnit, Succession):
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _counts_in_database() -> dict[str, int]:
    """By level and not by kind, which a later rename may change."""
    before = AdministrativeUnit.objects.filter(valid_to=RESTRUCTURED_ON)
    after = AdministrativeUnit.objects.filter(valid_from=RESTRUCTURED_ON)
    return {
        "provinces before": before.filter(level=Level.PROVINCE).count(),
        "districts before": before.filter(level=Level.DISTRICT).count(),
        "communes before": before.filter(level=Level.COMMUNE).count(),
        "provinces after": after.filter(level=Level.PROVINCE).count(),
        "communes after": after.filter(level=Level.COMMUNE).count(),
        "Cao Bằng: districts before": before.filter(level=Level.DISTRICT, province__code=CAO_BANG).count(),
    }
