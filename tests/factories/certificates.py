"""Certificates and recognitions in force on the day that most tests stand on."""

from datetime import date

import factory

from cooperatives.certificates.models import Certificate, OcopRecognition
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory


class CertificateFactory(factory.django.DjangoModelFactory):
    """VietGAP for all goods of the cooperative, from January 2026 to the end of 2027."""

    class Meta:
        model = Certificate

    cooperative = factory.SubFactory(CooperativeFactory)
    scheme = Certificate.Scheme.VIETGAP
    number = factory.Sequence(lambda n: f"VietGAP-TT-12-04-{n:04d}")
    issuer = "Trung tâm Chứng nhận mẫu"
    issued_on = date(2026, 1, 1)
    valid_from = date(2026, 1, 1)
    valid_to = date(2028, 1, 1)


class OcopRecognitionFactory(factory.django.DjangoModelFactory):
    """Four stars, decided on 20/02/2025 and so in force until 20/02/2028."""

    class Meta:
        model = OcopRecognition

    cooperative = factory.SubFactory(CooperativeFactory)
    product_name = factory.Sequence(lambda n: f"Miến dong Phia Đén {n}")
    commodity = factory.SubFactory(CommodityFactory)
    stars = 4
    group = OcopRecognition.Group.FOOD
    decision_number = "124/QĐ-UBND"
    decided_on = date(2025, 2, 20)
