"""Asks the questions of one engine, in a database of its own: python -m tests.relevance.engine ENGINE FILE."""

import sys
from pathlib import Path

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from catalog.models import Product  # noqa: E402
from search.backends.base import SearchBackend  # noqa: E402
from search.finding import find  # noqa: E402
from search.query import ListingQuery  # noqa: E402
from tests.relevance.market import backend_named, open_market  # noqa: E402
from tests.relevance.measuring import Answer, ask, read_questions, relevance  # noqa: E402


def titles(backend: SearchBackend, text: str) -> list[str]:
    """The titles that a search for the text shows, in order."""
    ids = find(ListingQuery(text=text), backend=backend, now=timezone.now()).results.ids
    named = dict(Product.objects.filter(pk__in=ids).values_list("pk", "title"))
    return [named[pk] for pk in ids]


def report(engine: str, answers: list[Answer]) -> None:
    """Prints what was not found first, and the figures in the closing line."""
    for answer in answers:
        if answer.rank != 1:
            wanted = "|".join(answer.question.expected)
            print(f"{engine}: {answer.question.kind}: {answer.question.text!r} wants {wanted!r},", end=" ")
            print(f"found at {answer.rank}; first: {answer.titles[:3]}")
    figures = relevance(answers)
    print(
        f"relevance {engine} {figures.success_at_1:.3f} {figures.success_at_3:.3f} {figures.mean_reciprocal_rank:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    engine, path = sys.argv[1], Path(sys.argv[2])
    # The tables are made from the models: migrating takes longer than all the questions.
    settings.MIGRATION_MODULES = dict.fromkeys(app.label for app in apps.get_app_configs())
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        open_market()
        backend = backend_named(engine)
        report(engine, ask(read_questions(path), lambda text: titles(backend, text)))
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
