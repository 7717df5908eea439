"""What nobody's browser would send to the workplace."""

import pytest
from django.urls import reverse

from tests.factories.cooperatives import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("wrong", ["²", "١", "１", "-1", "1.0", "NaN", "\0", "9" * 18])
def test_a_cooperative_that_is_no_number_is_not_found(client, wrong):
    client.force_login(MembershipFactory().user)
    assert client.post(reverse("portal:switch"), {"cooperative": wrong}).status_code == 404
