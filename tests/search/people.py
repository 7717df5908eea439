"""Who teaches search: an editor, and an official who may not."""

from django.contrib.auth.models import Group

from cms.groups import COMMUNE_OFFICIALS, EDITORS, setup_groups
from marketplace.users.models import User
from tests.factories.users import UserFactory


def member_of(name: str) -> User:
    setup_groups()
    user = UserFactory()
    user.groups.add(Group.objects.get(name=name))
    return user


def editor() -> User:
    return member_of(EDITORS)


def commune_official() -> User:
    return member_of(COMMUNE_OFFICIALS)
