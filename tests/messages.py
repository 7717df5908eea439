"""The messages that wait to be sent, looked through for words that are missing."""

import re
from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.utils import translation

from marketplace.outbox.models import OutboxMessage

LOST = "⟨missing⟩"


@pytest.fixture
def told_of_missing_words(settings) -> Iterator[None]:
    """Names that a template does not find are marked, and found by `told`."""
    templates = [
        {**engine, "OPTIONS": {**engine["OPTIONS"], "string_if_invalid": LOST}} for engine in settings.TEMPLATES
    ]
    with override_settings(TEMPLATES=templates), translation.override("vi"):
        yield


def told(start: str) -> list[OutboxMessage]:
    """Messages whose key begins so, each looked through for words that are missing."""
    found = list(OutboxMessage.objects.filter(key__startswith=start).order_by("pk"))
    for message in found:
        for text in (message.subject, message.text, message.html):
            assert LOST not in text
            assert "None" not in text
            assert not re.search(r"%\(\w+\)s|\{\{|\{%", text), text
        if message.channel == "email":
            assert message.subject
            assert message.html
    return found
