"""What the layers above an order may follow. Receivers run inside the transaction of the change."""

from django.dispatch import Signal

# Sent with order, parcel, event and now, after a parcel's status has changed and its stock has followed.
parcel_changed = Signal()
