"""What the layers above an order may follow. Receivers run inside the transaction of the change."""

from django.dispatch import Signal

# Sent with order, parcel, event and now, after a parcel's status has changed and its stock has followed.
parcel_changed = Signal()

# Sent with order, parcel, reason ("lighter" or "short"), now and key (a name of its own), after packing has settled what
# the parcel costs, or a question about a weight has.
parcel_recharged = Signal()
