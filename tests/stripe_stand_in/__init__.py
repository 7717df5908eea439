"""A stateful stand-in for the part of Stripe's API that the market uses: see README.md."""

from .stand_in import ControlFailed, StripeStandIn, StripeStandInProcess
from .webhooks import signature

__all__ = ["ControlFailed", "StripeStandIn", "StripeStandInProcess", "signature"]
