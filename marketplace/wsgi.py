import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.production")

application = get_wsgi_application()

# What is loaded by now stays until the process ends: looking through it again for garbage took a tenth of every request.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)
