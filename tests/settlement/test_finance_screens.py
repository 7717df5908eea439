"""The finance screens of the administration: from the sweep to the bank's answer, and nobody without the right."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.urls import reverse

from cms.groups import FINANCE, PROVINCE_OFFICIALS, setup_groups
from marketplace.settlement.models import (
    Bill,
    ConnectedAccount,
    FeeRate,
    Payout,
    PayoutFile,
    SellerTaxStatus,
    Statement,
)
from marketplace.settlement.sweep import sweep
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, name_account, sold_parcel
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def of_group(name: str):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=name))
    return user


@pytest.fixture
def people(db):
    setup_groups()
    return [of_group(FINANCE), of_group(FINANCE)]


@pytest.fixture
def payout() -> Payout:
    parcel = sold_parcel(CooperativeFactory(), paid_by="card")
    name_account(parcel.cooperative)
    return sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].payout


def act(client, payout, slug, text=""):
    return client.post(reverse("finance_payout", args=[payout.pk]), {"act": slug, "text": text}, follow=True)


def test_from_the_sweep_to_paid(client, people, payout):
    first, second = people
    for person in people:
        client.force_login(person)
        assert client.get(reverse("finance")).status_code == 200
        page = act(client, payout, "duyet").content.decode()
        assert person.full_name in page
    client.post(reverse("finance_export"), {"payout": [payout.pk]})
    file = PayoutFile.objects.get()
    assert file.made_by == second
    csv = client.get(reverse("finance_file", args=[file.pk, "csv"])).content.decode()
    assert "113366668888" in csv
    assert client.get(reverse("finance_file", args=[file.pk, "xlsx"])).status_code == 200
    act(client, payout, "da-chi", "FT26335")
    payout.refresh_from_db()
    assert (payout.status, payout.reference) == ("paid", "FT26335")
    assert [event.by for event in payout.events.order_by("pk")] == [None, first, second, second, second]


def test_a_refusal_is_shown_and_changes_nothing(client, people, payout):
    client.force_login(people[0])
    act(client, payout, "duyet")
    page = act(client, payout, "duyet")
    assert [str(message) for message in page.context["messages"]]
    client.post(reverse("finance_export"), {"payout": [payout.pk, "x", "99999"]})
    payout.refresh_from_db()
    assert payout.status == "approved_once"
    assert not PayoutFile.objects.exists()


def test_the_sweep_of_a_period_is_made_from_the_screen(client, people):
    sold_parcel(CooperativeFactory())
    client.force_login(people[0])
    page = client.post(reverse("finance"), {"period_to": "30/11/2099"}, follow=True)
    assert [str(message) for message in page.context["messages"]]
    assert not Statement.objects.exists()


def test_a_bill_is_marked_paid(client, people):
    sold_parcel(CooperativeFactory())
    bill = sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].bill
    client.force_login(people[0])
    client.post(reverse("finance_bill", args=[bill.pk]), {"text": "FT1"})
    bill.refresh_from_db()
    assert (bill.status, bill.reference, bill.recorded_by) == (Bill.Status.PAID, "FT1", people[0])


def test_fees_are_set_from_a_day_on(client, people):
    client.force_login(people[0])
    said = {"rate": "2,5", "valid_from": "01/01/2027", "cooperative": "", "category": "", "note": "Nghị quyết 12"}
    assert client.post(reverse("finance_fees"), said).status_code == 302
    assert FeeRate.objects.get().rate == 2.5
    assert client.post(reverse("finance_fees"), said).status_code == 200
    assert client.post(reverse("finance_fees"), said | {"rate": "101"}).status_code == 200
    assert FeeRate.objects.count() == 1
    assert "2,5 %" in client.get(reverse("finance_fees")).content.decode()


def test_statements_and_taxes_are_downloaded(client, people, payout):
    client.force_login(people[0])
    number = payout.statement.number
    for address in (
        reverse("finance_statement", args=[number, "xlsx"]),
        reverse("finance_statement", args=[number, "pdf"]),
        reverse("finance_taxes", args=["2026-11"]),
    ):
        assert client.get(address).status_code == 200, address
    assert client.get(reverse("finance_taxes", args=["2026-13"])).status_code == 404
    assert client.get(reverse("finance_statement", args=["SK000000-0000", "pdf"])).status_code == 404


def test_nobody_without_the_right_enters_or_acts(client, people, payout):
    addresses = [
        reverse("finance"),
        reverse("finance_fees"),
        reverse("finance_sellers"),
        reverse("finance_payout", args=[payout.pk]),
        reverse("finance_export"),
        reverse("finance_bill", args=[1]),
        reverse("finance_file", args=[1, "csv"]),
        reverse("finance_statement", args=[payout.statement.number, "xlsx"]),
        reverse("finance_taxes", args=["2026-11"]),
    ]
    clerk = MembershipFactory(cooperative=payout.statement.cooperative).user
    for person in (None, UserFactory(), clerk, of_group(PROVINCE_OFFICIALS)):
        client.logout()
        if person:
            client.force_login(person)
        for address in addresses:
            for answer in (client.get(address), client.post(address, {"act": "duyet", "payout": payout.pk})):
                assert answer.status_code in {302, 403, 405}, address
                if answer.status_code == 302:
                    assert answer["Location"] != address
    payout.refresh_from_db()
    assert payout.status == "pending"
    assert not payout.approvals.exists()


def test_households_and_accounts_at_stripe_are_named(client, people):
    cooperative = CooperativeFactory()
    client.force_login(people[0])
    address = reverse("finance_sellers")
    said = {"form": "tax", "cooperative": cooperative.pk, "kind": "resident", "valid_from": "01/01/2027"}
    assert client.post(address, said | {"identity_number": "123"}).status_code == 200
    assert not SellerTaxStatus.objects.exists()
    assert client.post(address, said | {"identity_number": "004080001234"}).status_code == 302
    assert SellerTaxStatus.objects.get().identity_number == "004080001234"
    account = {"form": "account", "cooperative": cooperative.pk, "account": "acct_1Hue"}
    assert client.post(address, account).status_code == 302
    other = CooperativeFactory()
    assert client.post(address, account | {"cooperative": other.pk}).status_code == 200
    page = client.get(address).content.decode()
    assert "acct_1Hue" in page
    assert "004080001234" not in page
    assert client.post(address, account | {"account": ""}).status_code == 302
    assert not ConnectedAccount.objects.exists()


def test_an_identity_number_is_not_readable_in_the_database(people):
    row = SellerTaxStatus.objects.create(
        cooperative=CooperativeFactory(), kind="resident", identity_number="004080001234", valid_from=PERIOD_TO
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_number FROM settlement_sellertaxstatus WHERE id = %s", [row.pk])
        assert "004080001234" not in cursor.fetchone()[0]
