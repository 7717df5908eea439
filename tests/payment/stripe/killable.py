"""A process that can be killed: `python -m tests.payment.stripe.killable` reads jobs, a JSON object a line, and forks a child
for each, which does it as the site would and may kill itself (`kill -9`) at a named point. Prints how the child ended.

Nothing in the site knows of these points: the child wraps the functions that stand there.
"""

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django

POINTS: dict[str, tuple[str, str, bool]] = {
    # The order and its attempt are written, and Stripe has not been called.
    "before the call": ("marketplace.payment.providers.stripe.pages.Pages", "create_page", False),
    # Stripe has made the page, and we have not written down its answer.
    "after the call": ("marketplace.payment.providers.stripe.pages.Pages", "create_page", True),
    # The event is stored and not applied.
    "event stored": ("marketplace.payment.webhooks", "apply_event", False),
    # In the middle of the transaction that applies the payment.
    "while applying": ("marketplace.payment.card_pages", "post_fee", True),
    # The message is claimed, and has not left.
    "before the e-mail": ("marketplace.outbox.services", "_send", False),
}


def dies_at(point: str) -> None:
    where, name, is_after = POINTS[point]
    module, _, owner = where.rpartition(".")
    holder: Any = getattr(importlib.import_module(module), owner)
    function: Callable[..., Any] = getattr(holder, name)

    def die(*args: Any, **kwargs: Any) -> None:
        if is_after:
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(holder, name, die)


def do(job: dict[str, Any]) -> None:
    """The acts in their order; `now` is the moment of all of them."""
    from django.test import Client

    from catalog.models import Product
    from cooperatives.places.models import AdministrativeUnit
    from marketplace.order.models import Order
    from marketplace.order.placing import Address
    from marketplace.outbox.services import send_due
    from marketplace.payment.card import start_card_payment
    from marketplace.payment.holds import expire_holds
    from marketplace.payment.reconcile import reconcile_payments
    from tests.factories.payments import prepaid_order

    now = datetime.fromisoformat(job["now"])
    if job.get("die"):
        dies_at(job["die"])
    for act in job["acts"]:
        if act == "place":
            address = Address(commune=AdministrativeUnit.objects.get(pk=job["commune"]), street="12 phố Xuân Trường")
            prepaid_order(*Product.objects.filter(pk__in=job["listings"]), now=now, address=address)
        elif act == "start":
            start_card_payment(order=Order.objects.latest("pk"), now=now)
        elif act == "hear":
            for event in job["events"]:
                header = {"Stripe-Signature": event["signature"]}
                Client().post(
                    "/webhook/stripe/", event["body"].encode(), content_type="application/json", headers=header
                )
        elif act == "due":
            reconcile_payments(now=now)
            expire_holds(now=now)
            send_due(now=now)


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.urls import reverse

    import tests.factories.payments  # noqa: F401 - imported once, not by each child

    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = os.environ["MAIL_DIR"]
    reverse("webhook:stripe")  # Everything is imported once, and no connection is open yet.
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                do(json.loads(line))
                code = 0
            finally:
                os._exit(code)
        _pid, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
