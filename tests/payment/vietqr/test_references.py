import io
from collections import Counter
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.identifiers import new_identifier
from marketplace.order.placing import payment_reference
from marketplace.payment.providers.vietqr.references import (
    Payable,
    Suggester,
    Verdict,
    judge,
    references_in,
)
from marketplace.payment.providers.vietqr.statements import RowKeys, RowProblem, read_statement
from tests.payment.vietqr.made_statements import LAYOUTS, made_statement

RNG = Random(7)
FIRST, SECOND, THIRD = (payment_reference(new_identifier(10, RNG)) for _number in range(3))
KNOWN = {
    FIRST: Payable(FIRST, 125_000, buyer="Nông Thị Hoa"),
    SECOND: Payable(SECOND, 60_000, buyer="Lý A Páo"),
    THIRD: Payable(THIRD, 60_000, buyer="Đàm Thuỳ Linh"),
}
# Text around a reference: whatever people and banks write.
AROUND = st.text(alphabet=st.sampled_from("ABXYZ 019.-;/\ndđếlCLKOI"), max_size=20)


class TestReading:
    def test_a_reference_is_short_letters_and_digits(self):
        assert payment_reference("7k2m9qx4p1") == "CLK7K2M9QX4P1"
        assert FIRST.isalnum()
        assert len(FIRST) <= 25

    @pytest.mark.parametrize(
        "memo",
        [
            FIRST,
            FIRST.lower(),
            f"MBVCB.4525077405.{FIRST}.CT tu 0351000646393 NONG THI HOA toi 8301205000123",
            " ".join(FIRST),
            f"{FIRST[:7]}\r\n{FIRST[7:]}",
            f"{FIRST[:4]}- {FIRST[4:]}",
            f"9{FIRST}9",
            f"{FIRST} {FIRST}",
            FIRST.replace("0", "O").replace("1", "l"),
            f"clk clk{FIRST}clk",
            "".join(chr(ord(character) + 0xFEE0) for character in FIRST),
        ],
    )
    def test_a_whole_reference_is_read_however_the_bank_prints_it(self, memo):
        assert references_in(memo) == [FIRST]

    @given(before=AROUND, after=AROUND)
    def test_text_around_never_hides_a_reference(self, before, after):
        assert FIRST in references_in(f"{before}{FIRST}{after}")

    @given(place=st.integers(3, 12), character=st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
    def test_one_wrong_character_never_reads_as_a_reference(self, place, character):
        memo = FIRST[:place] + character + FIRST[place + 1 :]
        assert references_in(memo) == ([FIRST] if memo == FIRST else [])

    @given(place=st.integers(3, 11))
    def test_exchanged_characters_never_read_as_a_reference(self, place):
        memo = FIRST[:place] + FIRST[place + 1] + FIRST[place] + FIRST[place + 2 :]
        assert references_in(memo) == ([FIRST] if memo == FIRST else [])

    @given(length=st.integers(0, 12))
    def test_a_cut_reference_is_not_completed(self, length):
        assert references_in(FIRST[:length]) == []
        assert references_in(FIRST[13 - length :]) == []


class TestJudging:
    def test_the_right_amount_with_one_reference_pays(self):
        judgement = judge(f"tien rau {FIRST}", 125_000, KNOWN)
        assert (judgement.verdict, judgement.reference) == (Verdict.MATCHED, FIRST)

    @pytest.mark.parametrize("amount", [124_999, 125_001, 250_000, 60_000])
    def test_another_amount_does_not(self, amount):
        assert judge(FIRST, amount, KNOWN).verdict == Verdict.WRONG_AMOUNT

    def test_two_references_do_not_even_when_one_amount_fits(self):
        assert judge(f"{FIRST}{SECOND}", 125_000, KNOWN).verdict == Verdict.SEVERAL_REFERENCES

    @pytest.mark.parametrize("other", [THIRD[:7], THIRD[:12], f"{THIRD[:9]}Z{THIRD[10:]}", THIRD.lower()])
    def test_a_trace_of_another_reference_does_not_even_when_the_amount_fits(self, other):
        known = {FIRST: KNOWN[FIRST]}
        assert judge(f"{FIRST} {other}", 125_000, known).verdict == Verdict.SEVERAL_REFERENCES

    @pytest.mark.parametrize("rest", [FIRST[:8], FIRST, "NGOC CLK", "CLK 12", "clk"])
    def test_the_same_reference_again_and_short_letters_are_no_other(self, rest):
        assert judge(f"{FIRST} {rest}", 125_000, KNOWN).verdict == Verdict.MATCHED

    @pytest.mark.parametrize("memo", ["", "tien hang", "CLK", FIRST[:12], "CLK0000000000"])
    def test_no_reference_does_not_even_when_one_parcel_costs_that(self, memo):
        assert judge(memo, 125_000, KNOWN).verdict == Verdict.NO_REFERENCE

    def test_a_reference_that_we_do_not_know_is_none(self):
        assert judge(FIRST, 125_000, {}).verdict == Verdict.NO_REFERENCE

    def test_money_for_a_paid_or_cancelled_parcel_is_named(self):
        paid = {FIRST: Payable(FIRST, 0)}
        cancelled = {FIRST: Payable(FIRST, 0, is_cancelled=True)}
        assert judge(FIRST, 125_000, paid).verdict == Verdict.PAID_ALREADY
        assert judge(FIRST, 125_000, cancelled).verdict == Verdict.CANCELLED

    @pytest.mark.parametrize("amount", [0, -125_000])
    def test_money_that_went_out_pays_nothing(self, amount):
        assert judge(FIRST, amount, KNOWN).verdict == Verdict.NOT_INCOMING


class TestSuggesting:
    @pytest.mark.parametrize(
        "memo", [FIRST[:9], FIRST[:12], FIRST[5:], f"{FIRST[:8]}Z{FIRST[9:]}", f"xx {FIRST[:10]}..."]
    )
    def test_a_piece_of_a_reference_suggests_its_parcel(self, memo):
        assert Suggester(KNOWN.values()).suggest(memo, 125_000) == FIRST

    def test_the_only_parcel_of_that_amount_is_suggested(self):
        assert Suggester(KNOWN.values()).suggest("tien hang", 125_000) == FIRST

    def test_of_two_parcels_of_that_amount_the_payers_is_suggested_or_none(self):
        suggester = Suggester(KNOWN.values())
        assert suggester.suggest("tien hang", 60_000, "DAM THUY LINH") == THIRD
        assert suggester.suggest("LY A PAO chuyen tien", 60_000) == SECOND
        assert suggester.suggest("tien hang", 60_000) is None

    def test_nothing_is_suggested_without_a_ground(self):
        assert Suggester(KNOWN.values()).suggest("tien hang", 77_000) is None
        assert Suggester([]).suggest(FIRST, 125_000) is None

    def test_paid_parcels_are_not_suggested(self):
        assert Suggester([Payable(FIRST, 0)]).suggest(FIRST[:12], 125_000) is None


class TestTwoHundredStatements:
    """Wrapped, cut, lower-cased and merged memos in the layouts of five banks."""

    STATEMENTS = 200

    def test_no_wrong_match_and_at_least_95_percent_of_the_right_ones(self):
        right = found = suggestible = suggested = 0
        layouts, kinds, encodings = Counter(), Counter(), Counter()
        for seed in range(self.STATEMENTS):
            made = made_statement(seed)
            layouts[made.layout] += 1
            encodings[made.name] += 1
            matched, queued = self.imported(made)
            truth = {row.pays for row in made.rows if row.pays}
            assert matched <= truth, f"seed {seed}: {matched - truth}"
            right += len(truth)
            found += len(matched)
            kinds.update(row.kind for row in made.rows)
            suggester = Suggester(payable for payable in made.known.values() if payable.reference not in matched)
            for row in made.rows:
                if row.pays and row.pays not in matched and row in queued:
                    suggestible += 1
                    suggested += suggester.suggest(row.memo, row.amount, row.payer) == row.pays
        # What is missing was cut in the middle of the reference: it waits with the right suggestion.
        assert found / right >= 0.95
        assert suggested / suggestible >= 0.9
        # The proof is worth something only if everything appeared.
        assert set(layouts) == set(LAYOUTS)
        assert len(encodings) == 5
        assert min(kinds.values()) > 50
        assert len(kinds) == 13

    @staticmethod
    def imported(made):
        """What an import would do with it: references paid, rows left to a person."""
        known, keys, seen, matched, queued = dict(made.known), RowKeys(), set(), set(), []
        rows = list(read_statement(io.BytesIO(made.content), maximum_rows=1_000))
        assert not [row for row in rows if isinstance(row, RowProblem)]
        assert [(row.booked_on, row.amount) for row in rows] == [(row.day, row.amount) for row in made.rows]
        for row, truth in zip(rows, made.rows, strict=True):
            key = keys.key(row)
            judgement = judge(row.memo, row.amount, known)
            if key in seen:
                continue
            seen.add(key)
            if judgement.verdict == Verdict.MATCHED:
                assert truth.pays == judgement.reference, truth
                matched.add(judgement.reference)
                known[judgement.reference] = Payable(judgement.reference, 0)
            else:
                queued.append(truth)
        return matched, queued

    def test_the_statements_are_the_same_every_time(self):
        assert made_statement(3).rows == made_statement(3).rows
        assert [row.memo for row in made_statement(3).rows] != [row.memo for row in made_statement(8).rows]


def test_no_two_numbers_of_many_share_a_reference():
    numbers = [new_identifier(10, RNG) for _number in range(300)]
    known = {payment_reference(number): Payable(payment_reference(number), 1) for number in numbers}
    for first, second in product(list(known)[:20], repeat=2):
        if first != second:
            assert judge(first[:9] + second[9:], 1, known).verdict != Verdict.MATCHED
