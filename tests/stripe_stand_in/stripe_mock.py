"""Passes each request through Stripe's own stripe-mock, which knows every name and type of Stripe's API."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from .idempotency import Answer

SECONDS = 20


class StripeMock:
    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def refusal(self, method: str, target: str, body: bytes, content_type: str) -> Answer | None:
        """stripe-mock's 4xx, or None where it accepts. Raises OSError where it is not there."""
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=SECONDS)
        headers = {"Authorization": "Bearer sk_test_123"}
        if content_type:
            headers["Content-Type"] = content_type
        try:
            connection.request(method, target, body or None, headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status < 400:
            return None
        if response.status >= 500:
            raise OSError(f"stripe-mock answered {response.status}")
        told: dict[str, Any] = json.loads(text)
        return Answer(response.status, told)
