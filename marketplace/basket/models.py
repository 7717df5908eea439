"""Oscar's basket, whose lines count steps; what a line costs and whether it may be bought is the strategy's to say."""

from oscar.apps.basket.models import *  # noqa: F403
