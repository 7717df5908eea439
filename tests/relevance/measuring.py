"""How well a search finds: queries with the listing that ought to come first, and three figures about the answers."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from search.terms import words_of

QUERIES = Path(__file__).with_name("queries.tsv")
# Further down, a hit is as good as none.
DEPTH = 10


@dataclass(frozen=True)
class Question:
    """What somebody types, and phrases of which the title of a right listing has at least one, marks and all."""

    kind: str
    text: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    question: Question
    titles: tuple[str, ...]

    @property
    def rank(self) -> int | None:
        """The place of the first right listing, counted from 1."""
        for place, title in enumerate(self.titles, start=1):
            if any(_has_phrase(title, phrase) for phrase in self.question.expected):
                return place
        return None


@dataclass(frozen=True)
class Relevance:
    """Shares of the questions whose first right listing comes first, and among the first three; mean of 1/rank."""

    success_at_1: float
    success_at_3: float
    mean_reciprocal_rank: float


def read_questions(path: Path = QUERIES) -> list[Question]:
    """The questions of a file: tab-separated, with a head of `kind`, `query` and `expected` (phrases, `|` between)."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Question(row["kind"], row["query"], tuple(row["expected"].split("|")))
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def ask(questions: Sequence[Question], find: Callable[[str], Sequence[str]]) -> list[Answer]:
    """The answers of a search that gives titles for a text, the best first."""
    return [Answer(question, tuple(find(question.text)[:DEPTH])) for question in questions]


def relevance(answers: Sequence[Answer]) -> Relevance:
    """The figures of at least one answer."""
    ranks = [answer.rank for answer in answers]
    return Relevance(
        success_at_1=sum(rank == 1 for rank in ranks) / len(ranks),
        success_at_3=sum(rank is not None and rank <= 3 for rank in ranks) / len(ranks),
        mean_reciprocal_rank=sum(1 / rank for rank in ranks if rank) / len(ranks),
    )


def _has_phrase(title: str, phrase: str) -> bool:
    wanted = [word.marked for word in words_of(phrase)]
    words = [word.marked for word in words_of(title)]
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words)))
