"""Calls to the JSON interfaces of other services: bounded in time and size, and failing in one way."""

import json as json_format
from collections.abc import Mapping
from typing import Any

import requests

TIMEOUT = (3, 10)
MAXIMUM_BYTES = 1024 * 1024


class ServiceError(Exception):
    """The service gave no usable answer. `status` is what it answered, None when it was not reached or not understood.

    Whether a call that changes something took effect is then unknown.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def call(
    method: str,
    url: str,
    *,
    json: Any = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The object that the service answered with. Redirects are not followed. Raises ServiceError."""
    try:
        with requests.request(
            method, url, json=json, data=form, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as response:
            body = response.raw.read(MAXIMUM_BYTES + 1, decode_content=True)
    except requests.RequestException as error:
        raise ServiceError(type(error).__name__) from error
    if response.status_code >= 300:
        raise ServiceError(f"answered {response.status_code}", status=response.status_code)
    return _object(body)


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > MAXIMUM_BYTES:
        raise ServiceError("the answer is too large")
    try:
        answer = json_format.loads(body)
    except ValueError as error:
        raise ServiceError("the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise ServiceError("the answer is not an object")
    return answer
