from datetime import timedelta

import pytest

from cooperatives.linkage import evidence as linkage
from cooperatives.linkage.models import BuyerContact, SaleEvidence, SaleReduction
from marketplace.order import evidence
from tests.factories.orders import PLACED_AT, OrderFactory, ParcelFactory, do

pytestmark = pytest.mark.django_db


def test_the_sources_of_a_rebuild_are_registered():
    assert evidence.buyer_facts in linkage.buyer_sources
    assert evidence.sale_facts in linkage.sale_sources


def test_a_rebuild_is_told_what_the_running_evidence_was():
    OrderFactory()
    ParcelFactory(status="shipped")
    ParcelFactory(status="delivered")
    do(ParcelFactory(status="delivered"), "return", now=PLACED_AT + timedelta(days=1))
    facts = list(evidence.sale_facts())
    recorded = SaleEvidence.objects.order_by("pk").values_list("source", "order_key", "amount", "delivered_on")
    assert [(f.source, f.order_key, f.amount, f.delivered_on) for f in facts] == list(recorded)
    told = [(r.source, r.amount, r.reduced_on) for fact in facts for r in fact.reductions]
    assert told == list(SaleReduction.objects.values_list("source", "amount", "reduced_on"))
    assert [fact.order_key for fact in evidence.buyer_facts()] == list(
        BuyerContact.objects.order_by("pk").values_list("order_key", flat=True)
    )
