"""The vocabulary of the index: in how many documents each word and each pair stands, and how it is mostly written."""

from collections import Counter
from collections.abc import Iterable, Mapping

from marketplace.common.text import fold
from search.models import IndexedWord
from search.terms import Place, plain_words, title_pairs

LONGEST = IndexedWord._meta.get_field("word").max_length or 0
_BATCH = 500
# Where words stand with their marks, and only once.
_WRITTEN = (f":{Place.TITLE_PLACE_MAKER}=", f":{Place.TITLE_GOODS}=")

_PAIRS = f" :{Place.TITLE_PAIR}:"


class WordCounts:
    """How the numbers of documents by word change, gathered over many documents."""

    def __init__(self) -> None:
        self._changes: Counter[str] = Counter()
        self._titles: Counter[str] = Counter()
        # By word the ways in which it is written.
        self._written: dict[str, Counter[str]] = {}

    def add(self, terms: str) -> None:
        """A document with these terms, as search.terms.stored_terms writes them, is new."""
        plain, _, placed = terms.partition(" :")
        self._changes.update(plain.split())
        # How its title is written; other names are titles of their own.
        self._titles.update(placed.partition(f" :{Place.TITLE}:")[0].split())
        pairs = placed.partition(_PAIRS)[2].partition(f" :{Place.TITLE_WHOLE}=")[0]
        if pairs:
            self._changes.update(pairs.split(_PAIRS))

    def replace(self, old: str, new: str) -> None:
        """A document that had the old terms has the new ones."""
        if old == new:
            return
        before, after = set(old.split()), set(new.split())
        self._changes.subtract(_counted(before - after))
        self._changes.update(_counted(after - before))
        self._note(after - before)

    def save(self) -> bool:
        """Applies the changes to the stored counts; whether there were any. To be called in a transaction."""
        changes = {word: change for word, change in self._changes.items() if change and len(word) <= LONGEST}
        words = sorted(changes)
        for start in range(0, len(words), _BATCH):
            self._save({word: changes[word] for word in words[start : start + _BATCH]})
        return bool(words)

    def rows(self) -> list[IndexedWord]:
        """The vocabulary, where nothing was stored before."""
        for term, count in self._titles.items():
            marked = term.rpartition("=")[2]
            self._written.setdefault(fold(marked), Counter())[marked] += count
        self._titles.clear()
        return [self._row(word, count) for word, count in self._changes.items() if count > 0 and len(word) <= LONGEST]

    def _save(self, changes: Mapping[str, int]) -> None:
        stored = IndexedWord.objects.in_bulk(list(changes))
        for word, row in stored.items():
            row.documents = max(0, row.documents + changes[word])
        IndexedWord.objects.bulk_update([row for row in stored.values() if row.documents], ["documents"])
        IndexedWord.objects.filter(pk__in=[row.word for row in stored.values() if not row.documents]).delete()
        IndexedWord.objects.bulk_create(
            self._row(word, change) for word, change in changes.items() if change > 0 and word not in stored
        )

    def _row(self, word: str, documents: int) -> IndexedWord:
        ways = self._written.get(word)
        # Of two that are equally frequent always the same one.
        written = min(ways, key=lambda way: (-ways[way], way)) if ways else word
        return IndexedWord(word=word, written=written if len(written) <= LONGEST else word, documents=documents)

    def _note(self, terms: Iterable[str]) -> None:
        for marked in {term[3:] for term in terms if term.startswith(_WRITTEN)}:
            self._written.setdefault(fold(marked), Counter())[marked] += 1


def _counted(terms: Iterable[str]) -> list[str]:
    """Words, and words of titles that stand together: what was meant by a mistake is told by its neighbour."""
    found = list(terms)
    return plain_words(found) + title_pairs(found)
