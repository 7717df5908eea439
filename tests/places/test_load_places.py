import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cooperatives.places.dataset import PlacesCountsDifferError, PlacesDataMissingError, PlacesDataUnreadableError
from cooperatives.places.models import AdministrativeUnit, DatedName, Succession
from cooperatives.places.services import load_units, rename_unit
from tests.factories.places import ProvinceFactory

pytestmark = pytest.mark.django_db


def nothing_was_written() -> bool:
    return not any(model.objects.exists() for model in (AdministrativeUnit, Succession, DatedName))


@pytest.fixture
def doctored(tmp_path) -> Path:
    """A copy of the package's data that a test may spoil."""
    original = Path(find_spec("vietnamadminunits").submodule_search_locations[0]) / "data"
    (tmp_path / "data").mkdir()
    for name in ("dataset.db", "converter_2025.json"):
        shutil.copy(original / name, tmp_path / "data" / name)
    return tmp_path


def spoil(package: Path, statement: str) -> None:
    with closing(sqlite3.connect(package / "data" / "dataset.db")) as connection, connection:
        connection.execute(statement)


def spoil_successions(package: Path, change) -> None:
    path = package / "data" / "converter_2025.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def test_a_second_load_changes_nothing_and_loses_no_rename():
    first = load_units()
    assert (first.units, first.successions, first.names) == (14_149, 10_665, 1)
    commune = AdministrativeUnit.objects.get(code="01501", valid_from=date(2025, 7, 1))
    rename_unit(unit=commune, on=date(2026, 1, 1), name="Xã Bản Giốc", short_name="Bản Giốc", kind="xa")
    rows = list(AdministrativeUnit.objects.values_list("pk", "name"))
    assert load_units().is_unchanged
    assert list(AdministrativeUnit.objects.values_list("pk", "name")) == rows


def test_a_load_completes_what_is_missing():
    load_units()
    Succession.objects.filter(predecessor__province__code="04").delete()
    AdministrativeUnit.objects.filter(province__code="04", level="commune").delete()
    result = load_units()
    assert (result.units, result.successions, result.names) == (161 + 56, 161, 0)
    assert load_units().is_unchanged


def test_progress_is_told_and_ends_at_the_total():
    heard = []
    load_units(progress=lambda *report: heard.append(report))
    stages = {stage: (done, total) for stage, done, total in heard}
    assert stages == {"read": (1, 1), "units": (14_149, 14_149), "successions": (10_665, 10_665)}
    assert len(heard) > 10


def test_absent_data_is_named_and_nothing_is_written(tmp_path):
    with pytest.raises(PlacesDataMissingError) as refusal:
        load_units(package_dir=tmp_path)
    assert str(tmp_path) in str(refusal.value)
    assert nothing_was_written()


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("DELETE FROM admin_units WHERE wardCode = '01501'", "KeyError"),
        ("DROP TABLE admin_units", "no such table"),
        ("UPDATE admin_units SET wardType = 'Thôn' WHERE wardCode = '01501'", "KeyError"),
    ],
)
def test_data_that_contradicts_itself_cannot_be_read(doctored, statement, difference):
    spoil(doctored, statement)
    with pytest.raises(PlacesDataUnreadableError) as refusal:
        load_units(package_dir=doctored)
    assert difference in str(refusal.value)
    assert nothing_was_written()


def test_a_file_that_is_no_database_cannot_be_read(doctored):
    (doctored / "data" / "dataset.db").write_bytes(b"not a database, whatever its name says" * 100)
    with pytest.raises(PlacesDataUnreadableError):
        load_units(package_dir=doctored)
    assert nothing_was_written()


def test_a_commune_that_became_a_ward_in_the_data_is_a_difference_that_names_the_count(doctored):
    spoil(doctored, "UPDATE admin_units SET wardType = 'Phường' WHERE wardCode = '01501'")
    with pytest.raises(PlacesCountsDifferError) as refusal:
        load_units(package_dir=doctored)
    assert "Cao Bằng: xã after: 52 ≠ 53" in str(refusal.value)
    assert "Cao Bằng: phường after: 4 ≠ 3" in str(refusal.value)
    assert nothing_was_written()


def test_a_lost_succession_is_a_difference(doctored):
    spoil_successions(
        doctored,
        lambda data: data["DICT_PROVINCE_WARD_NO_DIVIDED"]["tinhcaobang"]["xadamthuy"].pop(),
    )
    with pytest.raises(PlacesCountsDifferError, match="units with one successor: 9,568"):
        load_units(package_dir=doctored)
    assert nothing_was_written()


def test_counts_that_differ_in_the_database_undo_the_load():
    stranger = ProvinceFactory(code="99", valid_from=date(2025, 7, 1))
    with pytest.raises(PlacesCountsDifferError, match="provinces after: 35"):
        load_units()
    assert list(AdministrativeUnit.objects.all()) == [stranger]


def test_the_command_reports_progress_and_what_it_did(capsys):
    call_command("load_places")
    assert "units: 14149/14149" in (first := capsys.readouterr().out)
    assert "Added 14149 units, 10665 successions and 1 renames." in first
    call_command("load_places")
    assert "Nothing to add" in capsys.readouterr().out


def test_the_command_says_what_is_missing(tmp_path):
    with pytest.raises(CommandError, match="vietnamadminunits"):
        call_command("load_places", package_dir=tmp_path)
    assert nothing_was_written()
