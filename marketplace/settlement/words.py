"""Amounts in Vietnamese words, as papers about money carry them.

num2words knows the words up to 999; beyond, it says "một nghìn lẻ mười" for what is "một nghìn không trăm mười", so the
groups of three digits are put together here.
"""

from num2words import num2words

_NAMES = ("", "nghìn", "triệu")
_BILLION = 10**9


def amount_in_words(amount: int) -> str:
    """As "Một triệu hai trăm năm mươi nghìn đồng"; a negative amount begins with "Âm"."""
    words = number_in_words(abs(amount))
    if amount < 0:
        words = f"âm {words}"
    return f"{words[0].upper()}{words[1:]} đồng"


def number_in_words(number: int) -> str:
    """Raises ValueError for a negative number."""
    if number < 0:
        raise ValueError(number)
    if number == 0:
        return "không"
    billions, rest = divmod(number, _BILLION)
    words = [f"{number_in_words(billions)} tỷ"] if billions else []
    for power in (2, 1, 0):
        group = rest // 1000**power % 1000
        if group:
            words += [_group(group, is_first=not words), _NAMES[power]]
    return " ".join(filter(None, words))


def _group(group: int, *, is_first: bool) -> str:
    """Three digits; behind a larger group the hundred is said even when it is none."""
    if is_first or group >= 100:
        return num2words(group, lang="vi").replace("lẻ", "linh")
    return f"không trăm {'linh ' if group < 10 else ''}{num2words(group, lang='vi')}"
