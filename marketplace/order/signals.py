"""What the layers above an order may follow. Receivers run inside the transaction of the change."""

from django.dispatch import Signal

# Sent with order, parcel, event and now, after a parcel's status has changed and its stock has followed.
parcel_changed = Signal()

# Sent with order, parcel, was_total (đồng), reason, by, now and key (a stable name of the change), after packing has
# changed what the parcel costs.
parcel_recharged = Signal()
