"""Reads both generations of administrative units from the data files of the package `vietnamadminunits`.

The files are read as data: the package's own code is not imported.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from cooperatives.places.models import AdministrativeUnit
from marketplace.common.errors import DomainError
from marketplace.common.text import clean_text

Kind = AdministrativeUnit.Kind
Level = AdministrativeUnit.Level

PACKAGE = "vietnamadminunits"
RESTRUCTURED_ON = date(2025, 7, 1)
# The old units are a snapshot of 2025-06-30, taken to hold for that year: before it, the country has no value.
SNAPSHOT_FROM = date(2025, 1, 1)
CAO_BANG = "04"
# The last merger of communes and districts in Cao Bằng before 2025 took effect on this day.
CAO_BANG_FROM = date(2020, 3, 1)

EXPECTED = {
    "provinces before": 63,
    "districts before": 696,
    "communes before": 10_035,
    "xã before": 7_695,
    "phường before": 1_724,
    "thị trấn before": 616,
    "island districts without communes": 5,
    "provinces after": 34,
    "communes after": 3_321,
    "divided units": 471,
    "successions of divided units": 1_033,
    "units with one successor": 9_569,
    "Cao Bằng: districts before": 10,
    "Cao Bằng: xã before": 139,
    "Cao Bằng: thị trấn before": 14,
    "Cao Bằng: phường before": 8,
    "Cao Bằng: xã after": 53,
    "Cao Bằng: phường after": 3,
}

_PROVINCE_KINDS = {"Tỉnh": Kind.TINH, "Thành phố": Kind.THANH_PHO}
_DISTRICT_KINDS = {
    "Huyện": Kind.HUYEN,
    "Quận": Kind.QUAN,
    "Thị xã": Kind.THI_XA,
    "Thành phố": Kind.THANH_PHO_THUOC_TINH,
}
_COMMUNE_KINDS = {"Xã": Kind.XA, "Phường": Kind.PHUONG, "Thị trấn": Kind.THI_TRAN, "Đặc khu": Kind.DAC_KHU}


class PlacesDataMissingError(DomainError):
    code = "places_data_missing"
    message = _("The data of administrative units was not found: %(path)s. Install the package %(package)s.")


class PlacesDataUnreadableError(DomainError):
    code = "places_data_unreadable"
    message = _("The data of administrative units cannot be read: %(reason)s.")


class PlacesCountsDifferError(DomainError):
    code = "places_counts_differ"
    message = _("The administrative units are not the expected ones, and nothing was changed. %(differences)s")


class Identity(NamedTuple):
    """What makes a unit itself: its code, and the first day of its generation."""

    code: str
    valid_from: date


@dataclass(frozen=True)
class UnitRecord:
    identity: Identity
    valid_to: date | None
    level: str
    kind: str
    name: str
    short_name: str
    latitude: float
    longitude: float
    area_km2: float | None = None
    parent: Identity | None = None
    province: Identity | None = None


class SuccessionRecord(NamedTuple):
    predecessor: Identity
    successor: Identity
    is_default: bool


@dataclass(frozen=True)
class Dataset:
    """Every unit once, upper levels before lower ones, and every succession at 2025-07-01."""

    units: list[UnitRecord]
    successions: list[SuccessionRecord]


def read_dataset(package_dir: Path | None = None) -> Dataset:
    """Reads and checks the files below `package_dir`, by default where the package is installed.

    Raises PlacesDataMissingError, PlacesDataUnreadableError or PlacesCountsDifferError.
    """
    root = package_dir or _installed_package()
    database, converter = root / "data" / "dataset.db", root / "data" / "converter_2025.json"
    for path in (database, converter):
        if not path.is_file():
            raise PlacesDataMissingError(path=path, package=PACKAGE)
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            before = connection.execute("SELECT * FROM admin_units_legacy").fetchall()
            after = connection.execute("SELECT * FROM admin_units").fetchall()
        successors = json.loads(converter.read_text(encoding="utf-8"))
        dataset = _dataset(before, after, successors)
    except (sqlite3.Error, ValueError, KeyError, IndexError, TypeError) as error:
        raise PlacesDataUnreadableError(reason=f"{type(error).__name__}: {error}") from error
    require_expected_counts(_counts(dataset))
    return dataset


def require_expected_counts(counts: dict[str, int]) -> None:
    """Raises PlacesCountsDifferError that names each given count which is not the expected one."""
    differences = [
        f"{name}: {count:,} ≠ {EXPECTED[name]:,}" for name, count in counts.items() if count != EXPECTED[name]
    ]
    if differences:
        raise PlacesCountsDifferError(differences="; ".join(differences))


def _installed_package() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PlacesDataMissingError(path=PACKAGE, package=PACKAGE)
    return Path(spec.submodule_search_locations[0])


def _dataset(before: list[Any], after: list[Any], successors: dict[str, Any]) -> Dataset:
    units: dict[Identity, UnitRecord] = {}
    old_by_key: dict[str, Identity] = {}
    new_by_key: dict[tuple[str, str], Identity] = {}
    old_provinces: dict[str, Identity] = {}
    new_provinces: dict[str, Identity] = {}
    for row in before:
        province, district = _old_province(row), _old_district(row)
        units.setdefault(province.identity, province)
        units.setdefault(district.identity, district)
        old_provinces[row["provinceKey"]] = province.identity
        # An island district had no communes: it is its own predecessor of the special zone.
        lowest = _old_commune(row) if row["wardCode"] else district
        units[lowest.identity] = lowest
        old_by_key[f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}"] = lowest.identity
    for row in after:
        province, commune = _new_province(row), _new_commune(row)
        units.setdefault(province.identity, province)
        units[commune.identity] = commune
        new_provinces[row["provinceKey"]] = province.identity
        new_by_key[row["provinceKey"], row["wardKey"]] = commune.identity
    order = [Level.PROVINCE, Level.DISTRICT, Level.COMMUNE]
    return Dataset(
        units=sorted(units.values(), key=lambda unit: (order.index(Level(unit.level)), unit.identity)),
        successions=[
            *(
                SuccessionRecord(old_provinces[old], new_provinces[new], is_default=True)
                for new, olds in successors["DICT_PROVINCE"].items()
                for old in olds
            ),
            *(
                SuccessionRecord(old_by_key[old], new_by_key[province, new], is_default=True)
                for province, communes in successors["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
                for new, olds in communes.items()
                for old in olds
            ),
            *(
                SuccessionRecord(old_by_key[old], new_by_key[province, part["newWardKey"]], part["isDefaultNewWard"])
                for province, divided in successors["DICT_PROVINCE_WARD_DIVIDED"].items()
                for old, parts in divided.items()
                for part in parts
            ),
        ],
    )


def _old_from(row: Any) -> date:
    return CAO_BANG_FROM if row["provinceCode"] == CAO_BANG else SNAPSHOT_FROM


def _old_province(row: Any) -> UnitRecord:
    return _province(row, _old_from(row), RESTRUCTURED_ON)


def _new_province(row: Any) -> UnitRecord:
    return _province(row, RESTRUCTURED_ON, None)


def _province(row: Any, valid_from: date, valid_to: date | None) -> UnitRecord:
    name = clean_text(row["province"])
    kind = next(kind for word, kind in _PROVINCE_KINDS.items() if name.startswith(word))
    return UnitRecord(
        Identity(row["provinceCode"], valid_from),
        valid_to,
        Level.PROVINCE,
        kind,
        name,
        clean_text(row["provinceShort"]),
        row["provinceLat"],
        row["provinceLon"],
    )


def _old_district(row: Any) -> UnitRecord:
    province = Identity(row["provinceCode"], _old_from(row))
    return UnitRecord(
        Identity(row["districtCode"], _old_from(row)),
        RESTRUCTURED_ON,
        Level.DISTRICT,
        _DISTRICT_KINDS[row["districtType"]],
        clean_text(row["district"]),
        clean_text(row["districtShort"]),
        row["districtLat"],
        row["districtLon"],
        parent=province,
        province=province,
    )


def _old_commune(row: Any) -> UnitRecord:
    valid_from = _old_from(row)
    return _commune(
        row,
        Identity(row["wardCode"], valid_from),
        valid_to=RESTRUCTURED_ON,
        parent=Identity(row["districtCode"], valid_from),
        province=Identity(row["provinceCode"], valid_from),
    )


def _new_commune(row: Any) -> UnitRecord:
    province = Identity(row["provinceCode"], RESTRUCTURED_ON)
    identity = Identity(row["wardCode"], RESTRUCTURED_ON)
    return _commune(row, identity, valid_to=None, parent=province, province=province, area_km2=row["wardAreaKm2"])


def _commune(row: Any, identity: Identity, **fields: Any) -> UnitRecord:
    return UnitRecord(
        identity=identity,
        level=Level.COMMUNE,
        kind=_COMMUNE_KINDS[row["wardType"]],
        name=clean_text(row["ward"]),
        short_name=clean_text(row["wardShort"]),
        latitude=row["wardLat"],
        longitude=row["wardLon"],
        **fields,
    )


def _counts(dataset: Dataset) -> dict[str, int]:
    old = [unit for unit in dataset.units if unit.valid_to is not None]
    new = [unit for unit in dataset.units if unit.valid_to is None]
    islands = {unit.identity for unit in old if unit.level == Level.DISTRICT} - {unit.parent for unit in old}
    low = {unit.identity for unit in old if unit.level == Level.COMMUNE} | islands
    pairs = Counter(succession.predecessor for succession in dataset.successions if succession.predecessor in low)
    divided = {identity: count for identity, count in pairs.items() if count > 1}
    return {
        **_counts_of_level("before", old),
        **_counts_of_kind("before", old, [Kind.XA, Kind.PHUONG, Kind.THI_TRAN]),
        "island districts without communes": len(islands),
        **_counts_of_level("after", new),
        "divided units": len(divided),
        "successions of divided units": sum(divided.values()),
        "units with one successor": len(pairs) - len(divided),
        **_counts_of_cao_bang(old, new),
    }


def _counts_of_level(when: str, units: list[UnitRecord]) -> dict[str, int]:
    levels = Counter(unit.level for unit in units)
    counts = {f"provinces {when}": levels[Level.PROVINCE], f"communes {when}": levels[Level.COMMUNE]}
    return counts | ({"districts before": levels[Level.DISTRICT]} if when == "before" else {})


def _counts_of_kind(when: str, units: Iterable[UnitRecord], kinds: list[Kind]) -> dict[str, int]:
    words = {kind: word.lower() for word, kind in _COMMUNE_KINDS.items()}
    found = Counter(unit.kind for unit in units)
    return {f"{words[kind]} {when}": found[kind] for kind in kinds}


def _counts_of_cao_bang(old: list[UnitRecord], new: list[UnitRecord]) -> dict[str, int]:
    old, new = ([unit for unit in units if unit.province and unit.province.code == CAO_BANG] for units in (old, new))
    counts = {
        "districts before": sum(unit.level == Level.DISTRICT for unit in old),
        **_counts_of_kind("before", old, [Kind.XA, Kind.THI_TRAN, Kind.PHUONG]),
        **_counts_of_kind("after", new, [Kind.XA, Kind.PHUONG]),
    }
    return {f"Cao Bằng: {name}": count for name, count in counts.items()}
