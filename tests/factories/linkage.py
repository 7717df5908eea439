"""The registry: verified linkage models with a cooperative, an area and evidence of trade."""

from datetime import UTC, date, datetime, timedelta

import factory

from cooperatives.indicators.services import load_rules_and_targets
from cooperatives.linkage.models import (
    BuyerContact,
    KeyProduct,
    LinkageArea,
    LinkageModel,
    LinkageParticipant,
    LinkageStatus,
    ListingEvidence,
    SaleEvidence,
)
from cooperatives.places.models import AdministrativeUnit, Succession
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.places import RESTRUCTURED_ON, CommuneFactory, DistrictFactory, ProvinceFactory

SINCE = date(2022, 1, 1)
RECORDED_AT = datetime(2022, 2, 1, 2, tzinfo=UTC)


class KeyProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KeyProduct

    commodity = factory.SubFactory(CommodityFactory)
    valid_from = SINCE
    decision_number = "12/QĐ-UBND"


class LinkageFactory(factory.django.DjangoModelFactory):
    """A draft with one participating cooperative; `area=unit` adds a raw-material area, `verified_on` a decision."""

    class Meta:
        model = LinkageModel
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"LK-04-{n:03}")
    name = factory.Sequence(lambda n: f"Liên kết hạt dẻ {n}")
    commodity = factory.SubFactory(CommodityFactory)
    form = LinkageModel.Form.LK3
    valid_from = SINCE

    @factory.post_generation
    def cooperative(self, create, extracted, **kwargs):
        if extracted is not False:
            LinkageParticipant.objects.create(
                linkage=self, cooperative=extracted or CooperativeFactory(), valid_from=self.valid_from
            )

    @factory.post_generation
    def area(self, create, extracted, **kwargs):
        if extracted:
            LinkageArea.objects.create(linkage=self, unit=extracted, hectares=12, households=30, valid_from=SINCE)

    @factory.post_generation
    def verified_on(self, create, extracted, **kwargs):
        if extracted:
            for status, number in ((LinkageStatus.Status.SUBMITTED, ""), (LinkageStatus.Status.VERIFIED, "34/QĐ-SNN")):
                LinkageStatus.objects.create(
                    linkage=self,
                    status=status,
                    decided_on=extracted,
                    decision_number=number,
                    recorded_at=RECORDED_AT,
                )


class HomeProvince:
    """A small Cao Bằng: one former district with two xã and a township, united into two new communes, 01501 again."""

    def __init__(self) -> None:
        load_rules_and_targets()
        self.province = ProvinceFactory(code="04", short_name="Cao Bằng", valid_from=date(2020, 3, 1))
        self.district = DistrictFactory(code="047", short_name="Trùng Khánh", parent=self.province)
        old = {"parent": self.district, "province": self.province}
        new = {"parent": self.province, "province": self.province, "is_new": True}
        self.chi_vien = CommuneFactory(code="01501", short_name="Chí Viễn", name="Xã Chí Viễn", **old)
        self.phong_chau = CommuneFactory(code="01507", short_name="Phong Châu", name="Xã Phong Châu", **old)
        self.township = CommuneFactory(
            code="01477", short_name="Trùng Khánh", name="Thị trấn Trùng Khánh", kind="thi-tran", **old
        )
        self.dam_thuy = CommuneFactory(code="01501", short_name="Đàm Thủy", name="Xã Đàm Thủy", **new)
        self.trung_khanh = CommuneFactory(code="01477", short_name="Trùng Khánh", name="Xã Trùng Khánh", **new)
        for before, after in (
            (self.chi_vien, self.dam_thuy),
            (self.phong_chau, self.dam_thuy),
            (self.township, self.trung_khanh),
        ):
            Succession.objects.create(predecessor=before, successor=after, on=RESTRUCTURED_ON)
        self.chestnut = CommodityFactory(code="hat-de", name="Hạt dẻ Trùng Khánh")

    def traded_model(self, unit: AdministrativeUnit, *, buyers: int = 3, delivered_on: date, **kwargs) -> LinkageModel:
        """A verified model of chestnut in the unit, whose cooperative sold to so many buyers on the day."""
        cooperative = CooperativeFactory(home=unit)
        KeyProductFactory(unit=unit, commodity=self.chestnut)
        linkage = LinkageFactory(
            commodity=self.chestnut, cooperative=cooperative, area=unit, verified_on=date(2022, 1, 5), **kwargs
        )
        ListingEvidence.objects.create(
            source=f"listing:{linkage.pk}",
            cooperative=cooperative,
            commodity=self.chestnut,
            unit=unit,
            first_on=delivered_on - timedelta(days=5),
            last_on=delivered_on,
        )
        for buyer in range(buyers):
            self.sale(linkage, cooperative, unit, buyer, delivered_on)
        return linkage

    def sale(self, linkage, cooperative, unit, buyer: int, delivered_on: date) -> SaleEvidence:
        key = f"{linkage.pk}-{buyer}-{delivered_on:%Y%m%d}"
        BuyerContact.objects.create(
            order_key=key, placed_on=delivered_on, phone=f"phone-{buyer}", component=1000 * linkage.pk + buyer + 1
        )
        return SaleEvidence.objects.create(
            source=f"line:{key}",
            order_key=key,
            cooperative=cooperative,
            commodity=self.chestnut,
            unit=unit,
            delivered_on=delivered_on,
            paid_on=delivered_on,
            amount=100_000,
        )
