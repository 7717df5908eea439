"""Cooperatives that may sell today: active, with a home commune, a partner and a way of delivery; and their people."""

from datetime import date

import factory
from django.utils.text import slugify

from cooperatives.models import Cooperative, CooperativeActivity, CooperativeCommune, Membership
from cooperatives.partner.models import Partner
from marketplace.shipping.areas import reach_of
from marketplace.shipping.models import DeliveryMethod, DeliveryZone, ZoneArea
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.users import UserFactory

ACTIVE_FROM = date(2020, 3, 1)
TODAY = date(2026, 11, 20)


class DeliveryMethodFactory(factory.django.DjangoModelFactory):
    """To the whole country at `charge` for any weight; `charge=False` leaves the zones to the test."""

    class Meta:
        model = DeliveryMethod
        skip_postgeneration_save = True

    cooperative = factory.SubFactory("tests.factories.cooperatives.CooperativeFactory", delivery_charge=False)
    name = "Giao tận nơi"

    @factory.post_generation
    def charge(self, create, extracted, **kwargs):
        if create and extracted is not False and self.kind != DeliveryMethod.Kind.PICKUP:
            ZoneFactory(method=self, tiers=[[None, 30_000 if extracted is None else extracted]])


class ZoneFactory(factory.django.DjangoModelFactory):
    """The whole country, at 30.000 đồng for any weight; `areas=[unit]` makes a smaller one."""

    class Meta:
        model = DeliveryZone
        skip_postgeneration_save = True

    method = factory.SubFactory(DeliveryMethodFactory, charge=False)
    is_nationwide = True
    tiers = factory.LazyFunction(lambda: [[None, 30_000]])

    @classmethod
    def _create(cls, model_class, *args, areas=(), **kwargs):
        if areas:
            kwargs |= {"is_nationwide": False, "reach": reach_of(areas, on=TODAY)}
        zone = super()._create(model_class, *args, **kwargs)
        ZoneArea.objects.bulk_create(ZoneArea(zone=zone, unit=unit) for unit in areas)
        return zone


class PickupPointFactory(DeliveryMethodFactory):
    """A place where the buyer fetches the goods, open every day."""

    kind = DeliveryMethod.Kind.PICKUP
    name = "Nhận tại hợp tác xã"
    address = "Xóm Pác Bó"
    commune = factory.LazyFunction(lambda: CommuneFactory(is_new=True, parent=ProvinceFactory()))


class CooperativeFactory(factory.django.DjangoModelFactory):
    """`is_active=False`, `home=False` or `delivery_charge=False` leave that part out; `home=unit` names the commune."""

    class Meta:
        model = Cooperative
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Hợp tác xã Nông nghiệp Bản {n}")
    short_name = factory.Sequence(lambda n: f"HTX Bản {n}")
    slug = factory.LazyAttribute(lambda cooperative: slugify(cooperative.short_name))
    registration_number = factory.Sequence(lambda n: f"48{n:08d}")
    registered_on = ACTIVE_FROM
    registered_by = "Phòng Tài chính - Kế hoạch"
    representative = "Nông Văn An"
    member_count = 12
    phone = "+842063850001"
    email = factory.LazyAttribute(lambda cooperative: f"{cooperative.slug}@example.com")

    @factory.post_generation
    def partner(self, create, extracted, **kwargs):
        if create:
            Partner.objects.create(name=self.short_name, code=self.slug, cooperative=self)

    @factory.post_generation
    def is_active(self, create, extracted, **kwargs):
        if create and extracted is not False:
            CooperativeActivity.objects.create(cooperative=self, valid_from=ACTIVE_FROM)

    @factory.post_generation
    def home(self, create, extracted, **kwargs):
        if create and extracted is not False:
            unit = extracted or CommuneFactory(is_new=True, parent=ProvinceFactory())
            CooperativeCommune.objects.create(
                cooperative=self, unit=unit, role=CooperativeCommune.Role.HOME, valid_from=ACTIVE_FROM
            )

    @factory.post_generation
    def delivery_charge(self, create, extracted, **kwargs):
        if create and extracted is not False:
            charge = 30_000 if extracted is None else extracted
            DeliveryMethodFactory(cooperative=self, charge=charge)


class MembershipFactory(factory.django.DjangoModelFactory):
    """A clerk with an account."""

    class Meta:
        model = Membership

    cooperative = factory.SubFactory(CooperativeFactory)
    user = factory.SubFactory(UserFactory)
    role = Membership.Role.CLERK
    valid_from = ACTIVE_FROM
