"""The cooperative's own page of statements: only its own, and everything that it shows adds up."""

import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cooperatives.models import Membership
from marketplace.ledger.selectors import owed_to
from marketplace.settlement.models import Statement
from marketplace.settlement.selectors import open_rows, standing_of
from marketplace.settlement.sweep import sweep
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory
from tests.factories.orders import ParcelFactory
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, pay, sold_parcel
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cooperative():
    return CooperativeFactory()


@pytest.fixture
def clerk(client, cooperative):
    user = MembershipFactory(cooperative=cooperative).user
    client.force_login(user)
    return user


@pytest.fixture
def statement(cooperative) -> Statement:
    sold_parcel(cooperative, paid_by="card")
    sold_parcel(cooperative)
    return sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0]


def pages(statement: Statement) -> list[str]:
    names = ("settlement_statement", "settlement_xlsx", "settlement_paper")
    return [reverse(f"portal:{name}", args=[statement.number]) for name in names]


def test_what_is_owed_is_opened_down_to_parcels(client, clerk, cooperative, statement):
    open_parcel = sold_parcel(cooperative, paid_by="card", now=SWEPT_AT)
    standing = standing_of(cooperative.pk)
    assert standing.owed == owed_to(cooperative.pk) == standing.to_pay_out - standing.billed + standing.unsettled
    assert standing.to_pay_out == statement.payout.amount
    page = client.get(reverse("portal:settlement")).content.decode()
    assert f"{standing.owed:,}".replace(",", ".") in page
    assert open_parcel.number.upper() in page
    assert reverse("portal:settlement_statement", args=[statement.number]) in page


def test_it_says_what_a_parcel_waits_for(cooperative):
    on_its_way = ParcelFactory(listing__cooperative=cooperative)
    pay(on_its_way, "card")
    sold = sold_parcel(cooperative, paid_by="card")

    def waits(today):
        rows = open_rows(cooperative.pk, [on_its_way, sold], today=today)
        return [(row.waits_for, row.settled_from) for row in rows]

    # Delivered on 20/11; for seven days it may come back.
    assert waits(date(2026, 11, 27)) == [("delivery", None), ("window", date(2026, 11, 28))]
    assert waits(date(2026, 11, 28)) == [("delivery", None), ("sweep", None)]


def test_the_statement_is_read_and_downloaded(client, clerk, statement):
    page, sheet, paper = (client.get(address) for address in pages(statement))
    for item in statement.items.all():
        assert item.parcel.number.upper() in page.content.decode()
    assert page["Cache-Control"].count("no-store")
    content = b"".join(sheet.streaming_content)
    assert load_workbook(io.BytesIO(content)).active["B1"].value == statement.number
    assert f'filename="{statement.number}.xlsx"' in sheet["Content-Disposition"]
    assert paper.content.startswith(b"%PDF")


def test_strangers_find_nothing_and_members_without_a_role_are_refused(client, cooperative, statement):
    other = MembershipFactory().user
    member = MembershipFactory(cooperative=cooperative, role=Membership.Role.MEMBER).user
    for address in pages(statement):
        client.logout()
        assert client.get(address).status_code == 302
        for person, status in ((UserFactory(), 404), (other, 404), (member, 403)):
            client.force_login(person)
            assert client.get(address).status_code == status, (address, status)


def test_another_cooperatives_money_is_not_in_the_sums(client, statement):
    other = MembershipFactory()
    client.force_login(other.user)
    page = client.get(reverse("portal:settlement")).content.decode()
    assert statement.number not in page
    assert "empty" in page


def test_a_part_that_is_not_there_is_not_found(client, clerk, statement):
    address = reverse("portal:settlement_paper", args=[statement.number])
    assert client.get(f"{address}?trang=2").status_code == 404
    assert client.get(reverse("portal:settlement_statement", args=["SK000000-0000"])).status_code == 404


def test_the_page_costs_the_same_for_many_parcels(client, clerk, cooperative, django_assert_max_num_queries):
    for _ in range(4):
        sold_parcel(cooperative, paid_by="card")
    client.get(reverse("portal:settlement"))
    with django_assert_max_num_queries(14):
        client.get(reverse("portal:settlement"))
