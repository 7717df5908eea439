"""Synonyms: what a listing is found by beyond its own words.

They are applied when a listing is indexed, not when somebody asks: every engine finds the same, and asking stays cheap.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from search import tables
from search.models import IndexChange, ListingDocument, Synonym
from search.terms import Word, words_of

MAXIMUM_EQUIVALENTS = 20
MAXIMUM_PHRASE = 80
MAXIMUM_PHRASE_WORDS = 6
DEFAULTS = Path(__file__).parent / "data" / "synonyms.csv"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase, and what a text that has it is found by as well."""

    words: tuple[Word, ...]
    # With any mark in it, the phrase is compared with its marks.
    has_marks: bool
    adds: tuple[str, ...]

    def stands_at(self, words: Sequence[Word], position: int) -> bool:
        here = words[position : position + len(self.words)]
        if len(here) < len(self.words):
            return False
        if self.has_marks:
            return all(mine.marked == theirs.marked for mine, theirs in zip(self.words, here, strict=True))
        return all(mine.folded == theirs.folded for mine, theirs in zip(self.words, here, strict=True))


# By the first word of the phrase, without marks.
Rules = Mapping[str, Sequence[Rule]]


def load() -> Rules:
    """All synonyms, ready for `expansions`. One query."""
    rules: dict[str, list[Rule]] = defaultdict(list)
    for synonym in Synonym.objects.order_by("pk"):
        for rule in rules_of(synonym):
            rules[rule.words[0].folded].append(rule)
    return rules


def rules_of(synonym: Synonym) -> list[Rule]:
    """From the phrase to its equivalents; two-way, also from each of them to the phrase and the others."""
    phrases = [synonym.phrase, *synonym.equivalent_list]
    starts = phrases if synonym.is_two_way else phrases[:1]
    return [
        Rule(words, any(word.has_marks for word in words), tuple(other for other in phrases if other != start))
        for start in starts
        if (words := tuple(words_of(start)))
    ]


def expansions(texts: Iterable[str], synonyms: Rules) -> list[str]:
    """What else the texts, a listing's title and goods, are found by: each once. A phrase stands in one of them."""
    if not synonyms:
        return []
    found: dict[str, None] = {}
    for text in texts:
        words = words_of(text)
        for position, word in enumerate(words):
            for rule in synonyms.get(word.folded, ()):
                if rule.stands_at(words, position):
                    found.update(dict.fromkeys(rule.adds))
    return list(found)


@transaction.atomic
def load_defaults() -> int:
    """Adds the synonyms that come with the software; how many. A phrase that is there stays as editors have it."""
    known = set(Synonym.objects.values_list("phrase", flat=True))
    with DEFAULTS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["phrase"] not in known]
    for row in rows:
        equivalents = row["equivalents"].replace("|", "\n")
        save(Synonym(phrase=row["phrase"], equivalents=equivalents, is_two_way=row["two_way"] == "yes"))
    return len(rows)


@transaction.atomic
def save(synonym: Synonym) -> None:
    """Stores it; the listings that it concerned and concerns are indexed anew."""
    before = Synonym.objects.filter(pk=synonym.pk).first() if synonym.pk else None
    synonym.save()
    _touch([*(rules_of(before) if before else ()), *rules_of(synonym)])


@transaction.atomic
def delete(synonym: Synonym) -> None:
    """Removes it; the listings that it concerned are indexed anew."""
    rules = rules_of(synonym)
    synonym.delete()
    _touch(rules)


def _touch(rules: Iterable[Rule]) -> None:
    """Tells the index of the listings that have the words of a phrase. One question to the index for each phrase."""
    slots: set[int] = set()
    for terms in {tuple(sorted({word.folded for word in rule.words})) for rule in rules}:
        slots.update(tables.match(terms).slots.tolist())
    ordered = sorted(slots)
    for start in range(0, len(ordered), _BATCH):
        listings = ListingDocument.objects.filter(slot__in=ordered[start : start + _BATCH], is_removed=False)
        IndexChange.objects.bulk_create(
            IndexChange(kind=IndexChange.Kind.LISTING, object_id=listing_id)
            for listing_id in listings.order_by().values_list("listing_id", flat=True)
        )
