"""People. Phones are of the range that nobody has."""

import factory

from marketplace.users.models import User

PASSWORD = "mat-khau-thu-nghiem"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    full_name = factory.Sequence(lambda n: f"Nông Thị Hoa {n}")
    phone = factory.Sequence(lambda n: f"+8491200{n:04d}")
    email = None
    password = factory.django.Password(PASSWORD)
