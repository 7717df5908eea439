"""`python -m tests.stripe_stand_in --port 12120 --state var/stripe.sqlite3 --webhook-url http://127.0.0.1:8000/...`

Prints its URL and serves until it is stopped. Needs neither Django nor a database.
"""

import argparse
import os
import signal
import threading
from pathlib import Path

from .engine import Engine
from .server import Server
from .settings import Settings


def main() -> None:
    usual = Settings()
    parser = argparse.ArgumentParser(prog="python -m tests.stripe_stand_in", description="A stand-in for Stripe's API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12120, help="0 for a free one")
    parser.add_argument("--state", type=Path, help="SQLite file that survives a restart; without it: memory")
    parser.add_argument("--webhook-url", default="", help="where events are posted; without it they are only listed")
    parser.add_argument("--webhook-secret", default=usual.webhook_secret)
    parser.add_argument("--api-key", default=usual.api_key)
    parser.add_argument("--public-url", default="", help="what buyers' browsers call it; default: its own URL")
    parser.add_argument("--stripe-mock-url", default=os.environ.get("STRIPE_MOCK_URL", ""))
    parser.add_argument("--minimum-amount", type=int, default=usual.minimum_amount)
    parser.add_argument("--fee-basis-points", type=int, default=usual.fee_basis_points)
    parser.add_argument("--fee-fixed", type=int, default=usual.fee_fixed)
    parser.add_argument("--dispute-fee", type=int, default=usual.dispute_fee)
    given = vars(parser.parse_args())
    host, port, state = given.pop("host"), given.pop("port"), given.pop("state")
    engine = Engine(Settings(**given), state)
    server = Server((host, port), engine)
    url = f"http://{host}:{server.server_port}"
    engine.settings.public_url = engine.settings.public_url or url
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    engine.webhooks.start()
    print(url, flush=True)
    stopped.wait()
    server.hang_up()
    engine.close()


if __name__ == "__main__":
    main()
