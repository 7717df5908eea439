"""Reads the data files of the demo; data/README.md says where each comes from."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

# The day on which communes were merged and districts abolished.
RESTRUCTURED_ON = date(2025, 7, 1)
# The last merger of communes in Cao Bằng before it: no legacy unit is older.
LEGACY_FROM = date(2020, 3, 1)


@dataclass(frozen=True)
class CommodityRow:
    code: str
    parent: str
    category: str
    unit: str
    months: tuple[int, ...]
    name: str
    name_en: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class KeyProductRow:
    commodity: str
    legacy_code: str
    new_code: str


@dataclass(frozen=True)
class CooperativeRow:
    key: str
    short_name: str
    name: str
    home: str
    founded: date
    members: int
    women: int
    capital: int
    size: str
    tagline: str
    story: str


@dataclass(frozen=True)
class LinkageRow:
    code: str
    commodity: str
    form: str
    cooperatives: tuple[str, ...]
    area: tuple[str, ...]
    verified: date | None
    online: date | None
    history: tuple[tuple[str, date], ...]
    name: str


@dataclass(frozen=True)
class SellerRow:
    """Who sells a commodity from some communes since a day: by a linkage model, or without one."""

    commodity: str
    cooperatives: tuple[str, ...]
    communes: tuple[str, ...]
    online: date
    offline: date | None = None


@dataclass(frozen=True)
class ListingRow:
    commodity: str
    subject: str
    title: str
    unit: str
    step: str
    price: int
    is_fresh: bool
    description: str


@dataclass(frozen=True)
class RecognitionRow:
    """An OCOP recognition of the listing with that title; it ends so many days after the demo's today."""

    listing: str
    product: str
    stars: int
    score: Decimal
    group: str
    number: str
    days_left: int


@dataclass(frozen=True)
class CertificateRow:
    """A certificate of the cooperative that sells the listing; without a scope it covers all its goods."""

    listing: str
    scheme: str
    scope: str
    number: str
    issuer: str
    years: int
    days_left: int


def _rows(name: str, delimiter: str = ";") -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _months(text: str) -> tuple[int, ...]:
    """Return the months of "11-3": from November to March."""
    first, last = map(int, text.split("-"))
    return tuple((first - 1 + i) % 12 + 1 for i in range((last - first) % 12 + 1))


@cache
def commodities() -> tuple[CommodityRow, ...]:
    """Return the tree of commodities, parents before children."""
    return tuple(
        CommodityRow(
            code=row["code"],
            parent=row["parent"],
            category=row["category"],
            unit=row["unit"],
            months=_months(row["months"]),
            name=row["name"],
            name_en=row["name_en"],
            aliases=tuple(alias for alias in row["aliases"].split("|") if alias),
        )
        for row in _rows("commodities.csv")
    )


@cache
def key_products() -> tuple[KeyProductRow, ...]:
    """Return key products by commune, in both unit systems."""
    codes = {row.name: row.code for row in commodities()}
    return tuple(
        KeyProductRow(codes[row["commodity"]], row["legacy_commune_code"], row["new_commune_code"])
        for row in _rows("key_products.csv", ",")
    )


@cache
def legacy_names() -> dict[str, str]:
    """Return the short names of legacy communes with key products: "Phong Châu"."""
    kinds = ("Xã ", "Thị trấn ", "Phường ")
    names = {row["legacy_commune_code"]: row["legacy_commune"] for row in _rows("key_products.csv", ",")}
    return {code: next(name.removeprefix(k) for k in kinds if name.startswith(k)) for code, name in names.items()}


@cache
def cooperatives() -> tuple[CooperativeRow, ...]:
    """Return the fictional cooperatives."""
    return tuple(
        CooperativeRow(
            key=row["key"],
            short_name=row["short_name"],
            name=row["name"],
            home=row["home"],
            founded=date.fromisoformat(row["founded"]),
            members=int(row["members"]),
            women=int(row["women"]),
            capital=int(row["capital_million"]) * 1_000_000,
            size=row["size"],
            tagline=row["tagline"],
            story=row["story"],
        )
        for row in _rows("cooperatives.csv")
    )


@cache
def linkages() -> tuple[LinkageRow, ...]:
    """Return the fictional linkage models."""
    return tuple(
        LinkageRow(
            code=row["code"],
            commodity=row["commodity"],
            form=row["form"],
            cooperatives=tuple(row["cooperatives"].split()),
            area=tuple(row["area"].split()),
            verified=_day(row["verified"]),
            online=_day(row["online"]),
            history=_history(row["history"]),
            name=row["name"],
        )
        for row in _rows("linkages.csv")
    )


def _history(text: str) -> tuple[tuple[str, date], ...]:
    events = (event.split() for event in text.split(",") if event.strip())
    return tuple((status, date.fromisoformat(day)) for status, day in events)


@cache
def sellers() -> tuple[SellerRow, ...]:
    """Return who sells what from where: linkage models that are online, then products outside any model."""
    found = []
    for row in linkages():
        if row.online is None:
            continue
        stopped = [day for status, day in row.history if status in {"ended", "offline"}]
        offline = min(stopped, default=None)
        found.append(SellerRow(row.commodity, row.cooperatives, row.area, row.online, offline))
    found += [
        SellerRow(
            row["commodity"], (row["cooperative"],), tuple(row["communes"].split()), date.fromisoformat(row["online"])
        )
        for row in _rows("sellers.csv")
    ]
    return tuple(found)


@cache
def listings() -> tuple[ListingRow, ...]:
    """Return what is offered."""
    return tuple(
        ListingRow(
            commodity=row["commodity"],
            subject=row["subject"],
            title=row["title"],
            unit=row["unit"],
            step=row["step"],
            price=int(row["price"]),
            is_fresh=row["fresh"] == "1",
            description=row["description"],
        )
        for row in _rows("listings.csv")
    )


@cache
def recognitions() -> tuple[RecognitionRow, ...]:
    """Return the fictional OCOP recognitions."""
    return tuple(
        RecognitionRow(
            listing=row["listing"],
            product=row["product"],
            stars=int(row["stars"]),
            score=Decimal(row["score"]),
            group=row["group"],
            number=row["number"],
            days_left=int(row["days_left"]),
        )
        for row in _rows("recognitions.csv")
    )


@cache
def certificates() -> tuple[CertificateRow, ...]:
    """Return the fictional certificates."""
    return tuple(
        CertificateRow(
            listing=row["listing"],
            scheme=row["scheme"],
            scope=row["scope"],
            number=row["number"],
            issuer=row["issuer"],
            years=int(row["years"]),
            days_left=int(row["days_left"]),
        )
        for row in _rows("certificates.csv")
    )


def served_by(cooperative: str) -> list[str]:
    """Return the legacy codes of the communes where the cooperative operates, its home first."""
    home = next(row.home for row in cooperatives() if row.key == cooperative)
    codes = [home]
    for linkage in linkages():
        if cooperative in linkage.cooperatives:
            codes += linkage.area
    for seller in sellers():
        if cooperative in seller.cooperatives:
            codes += seller.communes
    return list(dict.fromkeys(codes))
