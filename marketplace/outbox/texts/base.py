"""The contract of text messages: one backend sends one message, or says why not and whether to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class TextMessage:
    """`key` names the message for good, so that a provider can tell a second try; `phone` is E.164."""

    key: str
    phone: str
    template: str
    parameters: Mapping[str, str]
    text: str


class TextNotSentError(Exception):
    """`is_final`: another try would not help, for instance because nobody has that number."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class TextBackend(Protocol):
    def send(self, message: TextMessage, *, now: datetime) -> None:
        """Returns when the provider has taken the message. Raises TextNotSentError."""


def text_backend() -> TextBackend:
    """The backend that TEXT_MESSAGE_BACKEND names by its path."""
    return cast("TextBackend", import_string(settings.TEXT_MESSAGE_BACKEND)())
