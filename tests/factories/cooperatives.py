"""Cooperatives that may sell today: active, with a home commune, a partner and a way of delivery; and their people."""

from datetime import date

import factory
from django.utils.text import slugify

from cooperatives.models import Cooperative, CooperativeActivity, CooperativeCommune, Membership
from cooperatives.partner.models import Partner
from marketplace.shipping.models import DeliveryOption
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.users import UserFactory

ACTIVE_FROM = date(2020, 3, 1)


class DeliveryOptionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DeliveryOption

    cooperative = factory.SubFactory("tests.factories.cooperatives.CooperativeFactory", delivery_charge=False)
    name = "Giao tận nơi"
    charge = 30_000


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
            DeliveryOption.objects.create(cooperative=self, name="Giao tận nơi", charge=charge)


class MembershipFactory(factory.django.DjangoModelFactory):
    """A clerk with an account."""

    class Meta:
        model = Membership

    cooperative = factory.SubFactory(CooperativeFactory)
    user = factory.SubFactory(UserFactory)
    role = Membership.Role.CLERK
    valid_from = ACTIVE_FROM
