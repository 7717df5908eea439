import pytest

from marketplace.common.tax_codes import TaxCodeChecksumError, TaxCodeError, parse_tax_code, shown_tax_code

TRUE = ["0100109106", "0300588569", "0101243150", "0101248141", "0100112437", "0301463315"]


@pytest.mark.parametrize("code", TRUE)
def test_true_codes_are_taken_and_no_other_last_digit_is(code):
    assert parse_tax_code(f" {code[:3]}.{code[3:]} ") == code
    for digit in set("0123456789") - {code[9]}:
        with pytest.raises(TaxCodeChecksumError):
            parse_tax_code(code[:9] + digit)


def test_a_branch_is_written_with_its_dash():
    assert parse_tax_code("0100109106001") == parse_tax_code("0100109106-001") == "0100109106-001"


def test_a_household_has_the_number_of_a_person_which_is_not_shown_in_full():
    assert parse_tax_code("004 093 001 234") == "004093001234"
    assert shown_tax_code("004093001234") == "0040••••••34"
    assert shown_tax_code("0100109106-001") == "0100109106-001"


@pytest.mark.parametrize("text", ["", "123", "0100109106-01", "104093001234", "004993001234", "abcdefghij", "0" * 13])
def test_what_is_no_tax_code_is_refused(text):
    with pytest.raises(TaxCodeError):
        parse_tax_code(text)
