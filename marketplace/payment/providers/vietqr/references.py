"""Finding a parcel's reference in the text of a transfer, and judging whether the money is the parcel's.

The rule (it decides about money, so it is as narrow as can be): of the memo only letters and digits are kept, in upper
case; it pays a parcel when exactly one reference that we know is inside, whole, and the amount is what is due. Everything
else waits for a person, with a suggestion.

What is decidable with certainty: a reference is PREFIX and a number of ten characters, the last a check of the others.
Spaces, line breaks, hyphens and lower case do not touch it, nor text before and behind. O is read as 0, I and L as 1:
no number has those letters, so that reading loses nothing. A reference with a character cut off or wrong is not read: its
check fails, or (once in 32 for a random text) it names a number that nobody has. It is never completed by guessing;
`Suggester` names the parcel it probably was, and the clerk decides. And where beside one whole reference there is
another that is not known, is damaged, or is cut off by the memo's end, the payer meant two: that is for the clerk too.
"""

import enum
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from marketplace.common.identifiers import ALPHABET, is_valid_identifier
from marketplace.common.text import fold
from marketplace.order.placing import NUMBER_LENGTH, payment_reference

PREFIX = payment_reference("")

# As identifiers are read: these letters stand in no number.
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_START = PREFIX.translate(_READ_AS)
_IN_NUMBERS = f"[{ALPHABET.upper()}]"
# Looks ahead, so that one candidate never hides another which starts inside it.
_CANDIDATE = re.compile(rf"(?={_START}({_IN_NUMBERS}{{{NUMBER_LENGTH}}}))")
# The same, or at the end four characters of it: fewer are as likely a name's letters.
_TRACE = re.compile(rf"{_START}({_IN_NUMBERS}{{{NUMBER_LENGTH}}}|{_IN_NUMBERS}{{4,{NUMBER_LENGTH - 1}}}$)")
_GRAM = 4
# Of seven pieces of four: two are more than chance, one is enough beside an equal amount.
_ENOUGH_PIECES = 2


class Verdict(enum.StrEnum):
    """What a row of a statement means to us. Only MATCHED pays a parcel."""

    MATCHED = "matched"
    NOT_INCOMING = "not_incoming"
    NO_REFERENCE = "no_reference"
    SEVERAL_REFERENCES = "several_references"
    WRONG_AMOUNT = "wrong_amount"
    PAID_ALREADY = "paid_already"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Payable:
    """A parcel that has a reference. `due` is 0 once it is paid or cancelled."""

    reference: str
    due: int
    is_cancelled: bool = False
    buyer: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reference` is the one that was read, also where the money does not fit; empty without one."""

    verdict: Verdict
    reference: str = ""


def compact(memo: str) -> str:
    """The letters and digits of a memo, in upper case."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", memo).upper()))


def references_in(memo: str) -> list[str]:
    """Every whole reference in the memo, each once, in order: known to us or not."""
    numbers = _CANDIDATE.findall(compact(memo).translate(_READ_AS))
    return list(dict.fromkeys(payment_reference(number) for number in numbers if is_valid_identifier(number)))


def judge(memo: str, amount: int, known: Mapping[str, Payable]) -> Judgement:
    """What a transfer with this memo and amount is, where `known` holds at least the references that are in the memo."""
    if amount <= 0:
        return Judgement(Verdict.NOT_INCOMING)
    found = [reference for reference in references_in(memo) if reference in known]
    if not found:
        return Judgement(Verdict.NO_REFERENCE)
    if len(found) > 1 or _names_another(memo, found[0]):
        return Judgement(Verdict.SEVERAL_REFERENCES)
    payable = known[found[0]]
    if payable.is_cancelled:
        verdict = Verdict.CANCELLED
    elif not payable.due:
        verdict = Verdict.PAID_ALREADY
    elif amount != payable.due:
        verdict = Verdict.WRONG_AMOUNT
    else:
        verdict = Verdict.MATCHED
    return Judgement(verdict, payable.reference)


class Suggester:
    """Names the parcel that money without a readable reference was probably meant for, or none when that is not clear.

    Looks at pieces of references in the memo, then at the amount, then at the payer's name. Built once for a page or an
    import; asking costs as much as the memo is long, however many parcels wait.
    """

    def __init__(self, payables: Iterable[Payable]) -> None:
        self._payables = {payable.reference: payable for payable in payables if payable.due}
        self._by_piece: dict[str, list[str]] = defaultdict(list)
        self._by_amount: dict[int, list[str]] = defaultdict(list)
        for payable in self._payables.values():
            for piece in _pieces(payable.reference[len(PREFIX) :]):
                self._by_piece[piece].append(payable.reference)
            self._by_amount[payable.due].append(payable.reference)

    def suggest(self, memo: str, amount: int, payer: str = "") -> str | None:
        """A reference, or None."""
        pieces = Counter(
            reference
            for piece in _pieces(compact(memo).translate(_READ_AS))
            for reference in self._by_piece.get(piece, ())
        )
        equal = set(self._by_amount.get(amount, ()))
        likely = {
            reference: (count, reference in equal)
            for reference, count in pieces.items()
            if count >= _ENOUGH_PIECES or reference in equal
        }
        if likely:
            return _only_best(likely)
        named = {reference for reference in equal if self._is_buyer(reference, payer, memo)}
        return next(iter(named or equal)) if len(named or equal) == 1 else None

    def _is_buyer(self, reference: str, payer: str, memo: str) -> bool:
        buyer = fold(self._payables[reference].buyer).strip()
        return bool(buyer) and buyer in fold(f"{payer} {memo}")


def _names_another(memo: str, reference: str) -> bool:
    """Whether beside this reference there is a trace of another."""
    own = reference.translate(_READ_AS)
    rest = compact(memo).translate(_READ_AS).replace(own, " ")
    return any(not own.startswith(trace.group()) for trace in _TRACE.finditer(rest))


def _pieces(text: str) -> set[str]:
    return {text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1)}


def _only_best(scores: dict[str, tuple[int, bool]]) -> str | None:
    best = max(scores.values())
    winners = [reference for reference, score in scores.items() if score == best]
    return winners[0] if len(winners) == 1 else None
