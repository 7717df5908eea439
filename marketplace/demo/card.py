"""Card payment in the demo: Stripe's stand-in from the tests beside the site, so that no account is needed."""

import os
import subprocess
import sys

from django.conf import settings

# Beside the site's port, and the same at each start: pages that were open lead on.
PORT_DISTANCE = 4120
TEST_CARD = "4242 4242 4242 4242"


def start_stand_in(port: int) -> subprocess.Popen | None:
    """The running stand-in, which the processes started after it take for Stripe. None when a key of one's own is set,
    or when it cannot start: then cards are not offered, and nothing else changes.
    """
    if os.environ.get("STRIPE_SECRET_KEY"):
        return None
    key, secret = "sk_test_demo", "whsec_demo"
    command = [
        sys.executable, "-m", "tests.stripe_stand_in", "--port", str(port + PORT_DISTANCE), "--api-key", key,
        "--webhook-secret", secret, "--webhook-url", f"http://127.0.0.1:{port}/webhook/stripe/",
        "--state", str(settings.VAR_DIR / "stripe-stand-in.sqlite3"),
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603 - our own
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    url = process.stdout.readline().strip() if process.stdout else ""
    if not url:
        process.wait()
        return None
    os.environ |= {"STRIPE_SECRET_KEY": key, "STRIPE_WEBHOOK_SECRET": secret, "STRIPE_API_BASE": url}
    return process
