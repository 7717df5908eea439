from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError


class StillClosedError(DomainError):
    code = "still_closed"
    message = _("%(shop)s opens at %(hour)s.")


def test_an_error_says_its_sentence_with_its_facts():
    error = StillClosedError(shop="Chợ", hour="8:00")
    assert str(error) == "Chợ opens at 8:00."
    assert error.params == {"shop": "Chợ", "hour": "8:00"}


def test_a_sentence_of_its_own_replaces_the_default():
    assert str(StillClosedError("100% closed")) == "100% closed"
