from django.db.models.signals import post_migrate
from oscar.apps.order import apps


class OrderConfig(apps.OrderConfig):
    name = "marketplace.order"

    def ready(self) -> None:
        super().ready()
        from django.contrib.auth.signals import user_logged_out

        from cooperatives.linkage.evidence import register_buyer_source, register_sale_source
        from marketplace.order.access import forget_grants
        from marketplace.order.evidence import buyer_facts, sale_facts
        from marketplace.order.setup import ensure_country

        register_buyer_source(buyer_facts)
        register_sale_source(sale_facts)
        user_logged_out.connect(forget_grants, dispatch_uid="order.forget_grants")
        post_migrate.connect(ensure_country, sender=self)
