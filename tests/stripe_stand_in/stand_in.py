"""The stand-in as tests hold it: in a thread of theirs, or in a process of its own that can be killed."""

import functools
import http.client
import inspect
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from .control import Control
from .engine import Engine
from .server import Server
from .settings import Settings

SECONDS_TO_START = 20
ROOT = Path(__file__).resolve().parents[2]


class ControlFailed(Exception):  # noqa: N818 (a refusal, told in its message)
    """A control call was refused."""


class Steered:
    """Every public method of `Control` by its name, with its arguments: `stand_in.pay(session.id)`."""

    url: str
    settings: Settings

    @property
    def api_key(self) -> str:
        return self.settings.api_key

    @property
    def webhook_secret(self) -> str:
        return self.settings.webhook_secret

    def __getattr__(self, name: str) -> Any:
        method = None if name.startswith("_") else vars(Control).get(name)
        if method is None:
            raise AttributeError(name)

        @functools.wraps(method)
        def steer(*args: Any, **kwargs: Any) -> Any:
            bound = inspect.signature(method).bind(self, *args, **kwargs)
            return self._steer(name, {key: value for key, value in bound.arguments.items() if key != "self"})

        return steer

    def _steer(self, name: str, arguments: dict[str, Any]) -> Any:
        """Over HTTP, as a demo or another process would."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            connection.request("POST", f"/_control/{name}", json.dumps(arguments).encode())
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ControlFailed(answer["error"])
        return answer


class StripeStandIn(Steered):
    """In a thread, on a free port: `with StripeStandIn() as stripe: ...`. Keyword arguments are `Settings`."""

    def __init__(self, *, port: int = 0, state: Path | None = None, **settings: Any) -> None:
        settings.setdefault("stripe_mock_url", os.environ.get("STRIPE_MOCK_URL", ""))
        self.settings = Settings(**settings)
        self._port, self._state = port, state

    def start(self) -> Self:
        self._engine = Engine(self.settings, self._state)
        self._server = Server(("127.0.0.1", self._port), self._engine)
        self._port = self._server.server_port  # the same one when started again
        self.url = f"http://127.0.0.1:{self._port}"
        self.settings.public_url = self.settings.public_url or self.url
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="stripe-stand-in").start()
        self._engine.webhooks.start()
        return self

    def stop(self) -> None:
        """Refuse connections from now on; `start` again on the same port (with `state`: with all it knew)."""
        self._engine.stopping.set()
        self._server.hang_up()
        self._engine.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class StripeStandInProcess(Steered):
    """In a process of its own, which outlives the kill of ours and survives its own by its state file."""

    def __init__(
        self, *, state: Path, port: int = 0, webhook_url: str = "", stripe_mock_url: str | None = None
    ) -> None:
        self.settings = Settings(webhook_url=webhook_url)
        self._state, self._port = state, port
        self._mock = os.environ.get("STRIPE_MOCK_URL", "") if stripe_mock_url is None else stripe_mock_url

    def start(self) -> Self:
        command = [sys.executable, "-m", "tests.stripe_stand_in", "--port", str(self._port), "--state", str(self._state),
                   "--webhook-url", self.settings.webhook_url, "--stripe-mock-url", self._mock]  # fmt: skip
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"The stand-in did not start (exit {self.process.wait(SECONDS_TO_START)}).")
        self._port = urlsplit(self.url).port or 0
        return self

    def kill(self) -> None:
        """As `kill -9` does: nothing is written any more."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
