"""compose.yaml cannot be run where these tests run: at least it says what it should."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

FILE = Path(settings.BASE_DIR) / "compose.yaml"


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(FILE.read_text())


def test_only_the_site_is_reachable_and_only_from_this_machine(compose):
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "elasticsearch"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_what_is_waited_for_says_when_it_is_there(compose):
    services = compose["services"]
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_completed_successfully" or "healthcheck" in services[name]


def test_data_lies_in_named_volumes(compose):
    mounts = {mount.split(":")[0] for service in compose["services"].values() for mount in service["volumes"]}
    assert mounts == set(compose["volumes"])


def test_no_secret_stands_in_the_file_and_none_may_be_missing():
    named = re.findall(r"(\w*(?:KEY|KEYS|PASSWORD))\b: (\S+)", FILE.read_text())
    assert len(named) >= 5
    for name, value in named:
        assert value == f"${{{name}:?}}", name


def test_every_variable_of_the_site_is_one_that_the_settings_read(compose):
    read = "".join(path.read_text() for path in (Path(settings.BASE_DIR) / "marketplace" / "settings").glob("*.py"))
    for name in compose["x-site"]["environment"]:
        assert f'"{name}"' in read, name
