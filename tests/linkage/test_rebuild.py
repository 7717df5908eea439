"""The evidence made again from its sources: equal to what was appended, also after a buyer was erased."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cooperatives.indicators.models import CoverageRule
from cooperatives.indicators.selectors import coverage
from cooperatives.linkage import evidence
from cooperatives.linkage.models import BuyerContact, ListingEvidence, SaleEvidence, SaleReduction
from cooperatives.linkage.rebuild import rebuild
from tests.indicators.history import BASE, CLERK, SINCE, Insider, Order, Person, Reduction
from tests.linkage.sources import sources_of

pytestmark = pytest.mark.django_db

RULE = CoverageRule(version="v1", window_days=365, minimum_buyers=3, required_level=2)
REFUNDED = BASE.but(reductions=(Reduction("refund", "line-z", date(2024, 10, 1), 100_000),))


def counts():
    return [model.objects.count() for model in (BuyerContact, ListingEvidence, SaleEvidence, SaleReduction)]


def test_appended_evidence_agrees_with_its_sources():
    with sources_of(REFUNDED):
        report = rebuild(check=True)
    assert report.agrees
    assert [(table.table, table.rows) for table in report.tables] == [
        ("buyers", 3),
        ("listings", 1),
        ("sales", 3),
        ("reductions", 1),
    ]


def test_lost_evidence_is_made_again_and_foreign_evidence_is_removed():
    with sources_of(REFUNDED) as sources:
        SaleReduction.objects.all().delete()
        SaleEvidence.objects.filter(source="line-x").delete()
        SaleEvidence.objects.filter(source="line-y").update(amount=1, source="line-y")
        SaleEvidence.objects.filter(source="line-z").update(by_insider=True)
        ListingEvidence.objects.update(source="forged")
        BuyerContact.objects.filter(order_key="x").delete()
        checked = {table.table: (table.missing, table.different, table.extra) for table in rebuild(check=True).tables}
        assert checked == {
            "buyers": (1, 0, 0),
            "listings": (1, 0, 1),
            "sales": (1, 2, 0),
            "reductions": (1, 0, 0),
        }
        assert counts() == [2, 1, 2, 0]
        assert not rebuild().agrees
        assert rebuild(check=True).agrees
        assert counts() == [3, 1, 3, 1]
        result = coverage(sources.stored.scope("CB"), date(2024, 9, 30), RULE, today=date(2026, 1, 1))
        assert result.l1.traded == 1


def test_buyers_that_were_joined_wrongly_are_divided_again():
    with sources_of(BASE):
        BuyerContact.objects.update(component=1)
        assert not rebuild(check=True).agrees
        rebuild()
        assert BuyerContact.objects.values("component").distinct().count() == 3
        assert rebuild(check=True).agrees


def test_the_numbers_of_components_do_not_matter():
    with sources_of(BASE):
        for number, contact in enumerate(BuyerContact.objects.order_by("pk"), start=1):
            contact.component = number
            contact.save()
        assert rebuild(check=True).agrees


def test_after_a_person_is_erased_a_rebuild_agrees_and_coverage_stays():
    same = Person(phone="+84912000001")
    history = BASE.but(
        orders=(Order("x", date(2024, 9, 8), same), Order("y", date(2024, 9, 8), same), BASE.orders[2]),
    )
    with sources_of(history) as sources:
        before = coverage(sources.stored.scope("CB"), date(2024, 9, 30), RULE, today=date(2026, 1, 1))
        sources.erased = frozenset({"x"})
        assert rebuild(check=True).agrees
        rebuild()
        after = coverage(sources.stored.scope("CB"), date(2024, 9, 30), RULE, today=date(2026, 1, 1))
    assert before == after
    assert before.l1.traded == 0


def test_an_erased_insider_stays_an_insider():
    history = BASE.but(
        insiders=(Insider("c", CLERK, SINCE),), orders=(*BASE.orders[:2], Order("z", date(2024, 9, 8), CLERK))
    )
    with sources_of(history) as sources:
        sources.erased = frozenset({"z"})
        assert rebuild(check=True).agrees
        rebuild()
        assert SaleEvidence.objects.get(source="line-z").by_insider


def test_a_person_entered_late_is_found_by_the_rebuild():
    with sources_of(BASE) as sources:
        sources.stored.cooperatives["c"].memberships.create(email="z@example.com", role="member", valid_from=SINCE)
        report = rebuild()
        assert [table.different for table in report.tables] == [0, 0, 1, 0]
        assert SaleEvidence.objects.get(by_insider=True).source == "line-z"


def test_without_registered_sources_nothing_is_removed():
    with sources_of(BASE):
        kept = counts()
        for name in ("buyer_sources", "sale_sources", "listing_sources"):
            getattr(evidence, name).clear()
        report = rebuild()
        assert all(table.is_skipped for table in report.tables)
        assert counts() == kept


def test_the_command_reports_and_its_check_fails_on_a_difference():
    with sources_of(BASE):
        out = StringIO()
        call_command("rebuild_evidence", "--check", stdout=out)
        assert "3" in out.getvalue()
        SaleEvidence.objects.filter(source="line-x").delete()
        with pytest.raises(CommandError):
            call_command("rebuild_evidence", "--check", stdout=out)
        assert SaleEvidence.objects.count() == 2
        call_command("rebuild_evidence", stdout=out)
        assert SaleEvidence.objects.count() == 3
