from oscar.apps.checkout import apps


class CheckoutConfig(apps.CheckoutConfig):
    name = "marketplace.checkout"

    def ready(self) -> None:
        super().ready()
        # Models are loaded only now.
        from marketplace.checkout.usage import give_back
        from marketplace.order.signals import parcel_changed

        parcel_changed.connect(give_back, dispatch_uid="checkout.give_back")
