"""Promoted results: an editor's answer above the results of a common question.

Not `wagtail.contrib.search_promotions`: it writes a row for each question asked, compares marks, links only to pages and
whole addresses, and keeps no history of who changed what.
"""

from collections.abc import Sequence

from django.db import transaction

from marketplace.common.prepared import Prepared
from search.models import PromotedQuestion, PromotedResult
from search.terms import Word, query_words

MAXIMUM_QUESTIONS = 30
SHOWN = 3

_promoted = Prepared(lambda key: PromotedResult.objects.filter(is_shown=True, asked__key=key).order_by("pk"))


def promoted(words: Sequence[Word]) -> list[PromotedResult]:
    """What editors answer to the whole question, marks aside: at most SHOWN. One query, none without words."""
    return _promoted(key_of(words), limit=SHOWN) if words else []


def key_of(words: Sequence[Word]) -> str:
    return " ".join(word.folded for word in words)[:200]


@transaction.atomic
def save(result: PromotedResult) -> None:
    """Stores it with the keys of its questions."""
    result.save()
    keys = dict.fromkeys(key_of(query_words(question)) for question in result.question_list)
    PromotedQuestion.objects.filter(result=result).exclude(key__in=keys).delete()
    PromotedQuestion.objects.bulk_create(
        [PromotedQuestion(result=result, key=key) for key in keys if key], ignore_conflicts=True
    )
