"""Webhooks as the site gets them: signed, in order, retried; and late, twice, mixed up or never on demand."""

import time

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn, signature

from .conftest import Opens, Site

A_PAYMENT = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def test_each_event_is_posted_once_in_order_with_a_signature_that_the_client_library_verifies(
    stand_in: StripeStandIn, site: Site, open_session: Opens
):
    stand_in.pay(open_session().id)
    assert stand_in.drain()
    assert site.kinds == A_PAYMENT
    assert site.forged == 0
    assert {event["pending_webhooks"] for event in stand_in.events()} == {0}


def test_a_delivery_that_fails_is_tried_again_until_it_is_taken(
    stand_in: StripeStandIn, site: Site, open_session: Opens
):
    site.statuses = [500, 503]
    stand_in.pay(open_session().id)
    assert stand_in.drain()
    assert sorted(site.kinds) == sorted([*A_PAYMENT, *site.kinds[:2]])
    assert [row["answers"] for row in stand_in.deliveries()] == [[500, 200], [503, 200], [200], [200]]


def test_a_site_that_is_down_gets_its_events_when_it_is_back(stand_in: StripeStandIn, site: Site, open_session: Opens):
    stand_in.set_webhook("http://127.0.0.1:9/")
    stand_in.pay(open_session().id)
    while not all(row["answers"] for row in stand_in.deliveries()):
        time.sleep(0.02)
    assert site.kinds == []
    stand_in.set_webhook(site.url)
    assert stand_in.drain()
    assert sorted(site.kinds) == sorted(A_PAYMENT)


def test_a_dropped_event_never_comes_but_is_listed(
    stand_in: StripeStandIn, site: Site, open_session: Opens, client: stripe.StripeClient
):
    stand_in.webhook_fault("drop", "checkout.session.*")
    stand_in.pay(open_session().id)
    assert stand_in.drain()
    assert site.kinds == A_PAYMENT[:3]
    missed = client.v1.events.list({"delivery_success": False}).data
    assert [event.type for event in missed] == ["checkout.session.completed"]


def test_a_delayed_event_comes_after_the_others(stand_in: StripeStandIn, site: Site, open_session: Opens):
    stand_in.webhook_fault("delay", "payment_intent.created", seconds=2)
    stand_in.pay(open_session().id)
    assert stand_in.drain()
    assert site.kinds == [*A_PAYMENT[1:], "payment_intent.created"]


def test_a_duplicated_event_comes_three_times_at_once(stand_in: StripeStandIn, site: Site, open_session: Opens):
    stand_in.webhook_fault("duplicate", "checkout.session.completed", copies=3)
    stand_in.pay(open_session().id)
    assert stand_in.drain()
    assert site.kinds == [*A_PAYMENT, *["checkout.session.completed"] * 2]
    assert len({event.id for event in site.events[3:]}) == 1


@pytest.mark.parametrize(
    ("order", "came"),
    [
        ("as_made", A_PAYMENT),
        ("reversed", A_PAYMENT[::-1]),
        (["checkout.session.completed"], [A_PAYMENT[3], *A_PAYMENT[:3]]),
    ],
    ids=["as made", "reversed", "by name"],
)
def test_held_events_are_released_in_the_order_that_is_asked_for(
    stand_in: StripeStandIn, site: Site, open_session: Opens, order: list[str] | str, came: list[str]
):
    stand_in.hold_webhooks()
    stand_in.pay(open_session().id)
    assert stand_in.drain()
    assert site.kinds == []
    stand_in.release_webhooks(order)
    assert site.kinds == came
    assert {row["status"] for row in stand_in.deliveries()} == {"delivered"}


def test_an_event_is_sent_again_old_or_forged_and_the_library_tells_them_apart(
    stand_in: StripeStandIn, site: Site, open_session: Opens
):
    stand_in.pay(open_session().id)
    assert stand_in.drain()
    event = stand_in.events("checkout.session.completed")[0]["id"]
    assert stand_in.deliver(event, times=3) == [200, 200, 200]
    assert stand_in.deliver(event, age=301) == [400]
    assert stand_in.deliver(event, secret="whsec_wrong") == [400]
    assert site.forged == 2
    assert site.kinds == A_PAYMENT + ["checkout.session.completed"] * 3


def test_a_signed_event_can_be_posted_by_the_test_itself(stand_in: StripeStandIn, open_session: Opens):
    stand_in.pay(open_session().id)
    sent = stand_in.signed_event(stand_in.events("checkout.session.completed")[0]["id"])
    event = stripe.Webhook.construct_event(sent["body"].encode(), sent["signature"], stand_in.webhook_secret)
    assert event.type == "checkout.session.completed"
    assert stand_in.deliveries() == []  # no webhook URL: events are only listed


def test_any_body_can_be_signed():
    header = signature(b'{"a": 1}', "whsec_x")
    stripe.WebhookSignature.verify_header('{"a": 1}', header, "whsec_x", 300)
