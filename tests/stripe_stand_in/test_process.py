"""In a process of its own: killed and started again it knows everything, and delivers what was not yet taken."""

from pathlib import Path

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn, StripeStandInProcess

from .conftest import Site, an_order, client_of


def test_killed_and_started_again_it_knows_its_sessions_keys_and_time(tmp_path: Path):
    running = StripeStandInProcess(state=tmp_path / "stripe.sqlite3", stripe_mock_url="")
    with running:
        order = an_order(running)
        session = client_of(running).v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
        running.pay(session.id)
        now = running.advance_clock(3600)
        running.kill()
        running.start()
        client = client_of(running)
        again = client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
        assert again.id == session.id
        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        assert client.v1.events.list().data[0].type == "checkout.session.completed"
        assert running.state()["now"] >= now


def test_what_was_not_delivered_before_the_kill_is_delivered_after_it(tmp_path: Path):
    site = Site("whsec_stand_in")
    running = StripeStandInProcess(
        state=tmp_path / "stripe.sqlite3", webhook_url="http://127.0.0.1:9/", stripe_mock_url=""
    )
    with running:
        session = client_of(running).v1.checkout.sessions.create(an_order(running))
        running.pay(session.id)
        running.kill()
        running.settings.webhook_url = site.url
        running.start()
        assert running.drain(20)
        assert "checkout.session.completed" in site.kinds
    site.close()


def test_in_a_thread_a_state_file_survives_too(tmp_path: Path):
    running = StripeStandIn(state=tmp_path / "stripe.sqlite3")
    with running:
        session = client_of(running).v1.checkout.sessions.create(an_order(running))
    with running:
        assert client_of(running).v1.checkout.sessions.retrieve(session.id).status == "open"
        running.empty()
        with pytest.raises(stripe.InvalidRequestError):
            client_of(running).v1.checkout.sessions.retrieve(session.id)
