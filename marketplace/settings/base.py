"""Settings shared by every environment. Everything that differs between machines comes from the environment.

docs/operations.md lists the variables.
"""

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env
from oscar.defaults import *

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

SECRET_KEY = env.str("SECRET_KEY", "")
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])
SITE_ID = 1
# The address that links in e-mails start with; requests know their own.
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "marketplace.apps.MarketplaceConfig",
    "marketplace.common.apps.CommonConfig",
    "marketplace.users.apps.UsersConfig",
    "marketplace.outbox.apps.OutboxConfig",
    "marketplace.basket.apps.BasketConfig",
    "marketplace.order.apps.OrderConfig",
    "marketplace.shipping.apps.ShippingConfig",
    "marketplace.ledger.apps.LedgerConfig",
    "marketplace.payment.apps.PaymentConfig",
    "marketplace.settlement.apps.SettlementConfig",
    "marketplace.checkout.apps.CheckoutConfig",
    "marketplace.portal.apps.PortalConfig",
    "marketplace.demo.apps.DemoConfig",
    "cooperatives.apps.CooperativesConfig",
    "cooperatives.places.apps.PlacesConfig",
    "cooperatives.commodities.apps.CommoditiesConfig",
    "cooperatives.certificates.apps.CertificatesConfig",
    "cooperatives.partner.apps.PartnerConfig",
    "cooperatives.linkage.apps.LinkageConfig",
    "cooperatives.indicators.apps.IndicatorsConfig",
    "catalog.apps.CatalogConfig",
    "cms.apps.CmsConfig",
    "search.apps.SearchConfig",
    # Oscar: what we do not fork.
    "oscar.config.Shop",
    "oscar.apps.analytics.apps.AnalyticsConfig",
    "oscar.apps.address.apps.AddressConfig",
    "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig",
    "oscar.apps.communication.apps.CommunicationConfig",
    "marketplace.offer.apps.OfferConfig",
    "marketplace.customer.apps.CustomerConfig",
    "oscar.apps.voucher.apps.VoucherConfig",
    "oscar.apps.wishlists.apps.WishlistsConfig",
    "marketplace.dashboard.apps.DashboardConfig",
    "oscar.apps.dashboard.reports.apps.ReportsDashboardConfig",
    "oscar.apps.dashboard.users.apps.UsersDashboardConfig",
    "oscar.apps.dashboard.orders.apps.OrdersDashboardConfig",
    "oscar.apps.dashboard.catalogue.apps.CatalogueDashboardConfig",
    "oscar.apps.dashboard.offers.apps.OffersDashboardConfig",
    "oscar.apps.dashboard.partners.apps.PartnersDashboardConfig",
    "oscar.apps.dashboard.pages.apps.PagesDashboardConfig",
    "oscar.apps.dashboard.ranges.apps.RangesDashboardConfig",
    "oscar.apps.dashboard.reviews.apps.ReviewsDashboardConfig",
    "oscar.apps.dashboard.vouchers.apps.VouchersDashboardConfig",
    "oscar.apps.dashboard.communications.apps.CommunicationsDashboardConfig",
    "oscar.apps.dashboard.shipping.apps.ShippingDashboardConfig",
    "widget_tweaks",
    "django_tables2",
    "treebeard",
    # Wagtail.
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    # Accounts.
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    # Oscar names its models; nobody enters by it, so nothing is discovered and no address is mounted.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Django masks its CSRF token anew in every page, so compression leaks nothing of it.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.middleware.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "marketplace.basket.middleware.BasketMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
ASGI_APPLICATION = "marketplace.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "marketplace" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "marketplace.context_processors.shop",
            ],
        },
    },
]

FORM_RENDERER = "marketplace.common.renderers.FormRenderer"

# SQLite is the embedded default: WAL and immediate transactions make concurrent checkouts wait instead of fail.
DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'market.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", 8)},
        "options": "-c lock_timeout=3000 -c jit=off",
        # Of what marketplace.common.prepared asks, the server keeps the plan; a pooler between the two may not bear it.
        "prepare_threshold": 2 if env.bool("DATABASE_KEEPS_PLANS", True) else None,
    }

# Rate limits must be shared by all workers, so never a cache in one process's memory.
# Django's own 300 entries would let anybody push the counts out.
CACHES = {"default": env.dj_cache_url("CACHE_URL", "db://django_cache?max_entries=100000")}
SESSION_ENGINE = (
    "django.contrib.sessions.backends.cached_db"
    if env.bool("CACHED_SESSIONS", False)
    else ("django.contrib.sessions.backends.db")
)
SESSION_COOKIE_AGE = 30 * 24 * 3600

# -- Accounts ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 9}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "marketplace.users.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "marketplace.users.forms.LoginForm",
    "change_password": "marketplace.users.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"phone", "email"}
# Either may be missing: allauth stops the login of a person without what is required here.
ACCOUNT_SIGNUP_FIELDS = ["phone", "email", "password1*"]
# W001 wants both required for sign-up, which is closed.
SILENCED_SYSTEM_CHECKS = ["account.W001"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "users:landing"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# -- Language, time, numbers ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "marketplace" / "locale"]
FORMAT_MODULE_PATH = ["marketplace.formats"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
PHONENUMBER_DEFAULT_REGION = "VN"
PHONENUMBER_DB_FORMAT = "E164"

# -- Files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "marketplace" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# -- E-mail: our code writes to the outbox, `manage.py send_outbox` sends -----------------------------------------------
EMAIL_CONFIG = env.dj_email_url("EMAIL_URL", "console://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Chợ Liên Kết <khong-tra-loi@cho-lien-ket.example>")
OSCAR_FROM_EMAIL = DEFAULT_FROM_EMAIL

# -- Text messages: written to the standard output, or sent by Zalo (unverified; see docs/operations.md) ----------------
TEXT_MESSAGE_BACKEND = env.str("TEXT_MESSAGE_BACKEND", "marketplace.outbox.texts.console.ConsoleBackend")
ZALO_APP_ID = env.str("ZALO_APP_ID", "")
ZALO_APP_SECRET = env.str("ZALO_APP_SECRET", "")
ZALO_REFRESH_TOKEN = env.str("ZALO_REFRESH_TOKEN", "")
# Our names of messages to the numbers of the templates that Zalo approved: order_placed=123456,parcel_shipped=...
ZALO_TEMPLATES = env.dict("ZALO_TEMPLATES", {})
ZALO_MESSAGE_URL = env.str("ZALO_MESSAGE_URL", "https://business.openapi.zalo.me/message/template")
ZALO_TOKEN_URL = env.str("ZALO_TOKEN_URL", "https://oauth.zaloapp.com/v4/oa/access_token")

# -- Carriers: off without a token; parcels are then handed over by hand (unverified; see docs/operations.md) -------------
GHN_TOKEN = env.str("GHN_TOKEN", "")
GHN_SHOP_ID = env.str("GHN_SHOP_ID", "")
GHN_API_URL = env.str("GHN_API_URL", "https://online-gateway.ghn.vn/shiip/public-api")

# -- Oscar ------------------------------------------------------------------------------------------------------------
OSCAR_SHOP_NAME = "Chợ Liên Kết"
OSCAR_DEFAULT_CURRENCY = "VND"
OSCAR_ALLOW_ANON_CHECKOUT = True
OSCAR_SLUG_FUNCTION = "marketplace.common.text.slugify_vi"
OSCAR_REQUIRED_ADDRESS_FIELDS = ("first_name", "line1", "phone_number")
OSCAR_MAX_BASKET_QUANTITY_THRESHOLD = None
OSCAR_BASKET_COOKIE_LIFETIME = 30 * 24 * 3600
OSCAR_HIDDEN_FEATURES = ["reviews", "wishlists"]
OSCAR_SEND_REGISTRATION_EMAIL = False
OSCAR_SAVE_SENT_EMAILS_TO_DB = False
OSCAR_URL_SCHEMA = "https"
OSCAR_IMAGE_FOLDER = "listings/%Y/%m/"
OSCAR_MISSING_IMAGE_URL = "listings/missing.png"
OSCAR_THUMBNAILER = "catalog.thumbnails.RenditionThumbnailer"
OSCAR_DELETE_IMAGE_FILES = False
# Discounts stay exact until they are shared out in whole đồng; see marketplace.offer.discounts.
OSCAR_OFFER_ROUNDING_FUNCTION = "marketplace.offer.discounts.unrounded"
# Otherwise every saved stock record looks for product alerts, which we do not offer.
OSCAR_EAGER_ALERTS = False
# Oscar's modules import haystack and read this; nothing uses it.
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}

# -- Wagtail ----------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Chợ Liên Kết"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_I18N_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 8 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"jpeg": "webp", "png": "webp"}
WAGTAILDOCS_EXTENSIONS = ["pdf"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
TAGGIT_CASE_INSENSITIVE = True

# -- Card payment by Stripe: without a key the method is not offered ----------------------------------------------------
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", "")
# Empty: Stripe's own address. The demo and the tests name their stand-in.
STRIPE_API_BASE = env.str("STRIPE_API_BASE", "")
STRIPE_PAGE_ORIGINS = [STRIPE_API_BASE or "https://checkout.stripe.com"] if STRIPE_SECRET_KEY else []
# Stripe takes no less than what is 0.50 US dollars, and no more than eight digits.
CARD_MINIMUM = env.int("CARD_MINIMUM", 20_000)
CARD_MAXIMUM = 99_999_999

# -- Search: the database by itself, or Elasticsearch with the database behind it ----------------------------------------
# "database" or "elastic".
SEARCH_ENGINE = env.str("SEARCH_ENGINE", "database")
# May carry user:password@; or an API key, as Kibana shows it encoded.
ELASTICSEARCH_URL = env.str("ELASTICSEARCH_URL", "http://127.0.0.1:9200")
ELASTICSEARCH_API_KEY = env.str("ELASTICSEARCH_API_KEY", "")
# A file with the certificate of whoever signed the server's; empty: those that the system trusts.
ELASTICSEARCH_CA_CERTS = env.str("ELASTICSEARCH_CA_CERTS", "")
# What the names of our indexes begin with: several sites may share a server.
ELASTICSEARCH_PREFIX = env.str("ELASTICSEARCH_PREFIX", "market-")
# Seconds after which the database answers instead.
SEARCH_TIMEOUT = env.float("SEARCH_TIMEOUT", 1.0)

# -- Security ---------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": (),
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        # Paying by card leads from a form of ours to Stripe's page.
        "form-action": [SELF, *STRIPE_PAGE_ORIGINS],
        "frame-ancestors": [NONE],
    },
}
# Wagtail's admin and Oscar's dashboard carry inline scripts; marketplace.middleware loosens the policy there alone.
ADMIN_URL_PREFIXES = ("/quan-tri/", "/van-hanh/")

# -- Ours -------------------------------------------------------------------------------------------------------------
ORDER_LINK_DAYS = 90
# For how many days a delivered parcel may come back; only then it is settled.
RETURN_WINDOW_DAYS = env.int("RETURN_WINDOW_DAYS", 7)
# How often cooperatives get a statement: month or week.
SETTLEMENT_PERIOD = env.str("SETTLEMENT_PERIOD", "month")
# Whether tax is withheld of what is collected for sellers that are households (decree 117/2025/NĐ-CP). Ask the tax
# office first: it is owed by platforms with a function of payment.
TAX_WITHHOLDING = env.bool("TAX_WITHHOLDING", False)
# Forms of basket and checkout from one network address in ten minutes; many phones share one. 0: no limit.
SHOP_POSTS_LIMIT = env.int("SHOP_POSTS_LIMIT", 600)
# Searches, and apart from them suggestions, for one network address in ten minutes. 0: no limit, as on one's own machine.
SEARCH_LIMIT = env.int("SEARCH_LIMIT", 0)
# So many seconds after a search it is counted in the database, by a thread of its own. 0: searches are not counted.
SEARCH_TALLY_SECONDS = env.float("SEARCH_TALLY_SECONDS", 10)
# Who runs the platform, as the law wants it on every page; what is empty is not printed.
PLATFORM_OWNER = {
    part: env.str(f"PLATFORM_{part.upper()}", "") for part in ("name", "address", "registration", "phone", "email")
}
# The province whose coverage the site shows.
HOME_PROVINCE_CODE = env.str("HOME_PROVINCE_CODE", "04")
BUYER_HASH_KEY = env.str("BUYER_HASH_KEY", "")
# Keys of encrypted columns, the newest first.
FIELD_KEYS = env.list("FIELD_KEYS", [])
# payOS tells when a transfer arrived: {"<cooperative's slug>": {"client_id", "api_key", "checksum_key"}}. None: it is off.
PAYOS_CHANNELS = env.json("PAYOS_CHANNELS", "{}")
PAYOS_API_URL = env.str("PAYOS_API_URL", "https://api-merchant.payos.vn")

# Who shows it reads the figures at /so-lieu-may/; without one there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    # Stripe's library tells every request, with the address it went to.
    "loggers": {
        "stripe": {"level": "WARNING"},
        # As Elasticsearch's does.
        "elastic_transport": {"level": "ERROR"},
        # The page of health says what is amiss; it need not be told once more at each of its visits.
        "health_check": {"level": "ERROR"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
