"""The demo's stand-in for Stripe: started beside the site, and only where no key of one's own is set."""

import os
import socket

import pytest

from marketplace.demo import card

STRIPE = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE")


@pytest.fixture
def port(settings, tmp_path, monkeypatch):
    """Of a site whose stand-in's port is free; what is set for the site's processes is taken back."""
    settings.VAR_DIR = tmp_path
    for name in STRIPE:
        monkeypatch.setenv(name, "")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1] - card.PORT_DISTANCE


def test_it_runs_and_the_site_takes_it_for_stripe(port):
    process = card.start_stand_in(port)
    assert process is not None
    try:
        assert os.environ["STRIPE_API_BASE"] == f"http://127.0.0.1:{port + card.PORT_DISTANCE}"
        assert os.environ["STRIPE_SECRET_KEY"] == "sk_test_demo"
    finally:
        process.terminate()
        process.wait(10)


def test_with_a_key_of_ones_own_it_is_not_started(port, monkeypatch):
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_own")
    assert card.start_stand_in(port) is None


def test_where_its_port_is_taken_cards_are_not_offered(port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + card.PORT_DISTANCE))
        taken.listen()
        assert card.start_stand_in(port) is None
    assert not os.environ["STRIPE_SECRET_KEY"]
