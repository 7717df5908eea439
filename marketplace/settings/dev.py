"""A developer's machine and `make demo`: no variable is needed."""

from .base import *
from .base import VAR_DIR, env

DEBUG = env.bool("DEBUG", False)
# Fixed on purpose: a demo that restarts keeps its sessions. Production settings refuse it.
SECRET_KEY = "insecure-development-key-that-production-refuses"  # noqa: S105
BUYER_HASH_KEY = "insecure-development-buyer-key"
FIELD_KEYS = ["aW5zZWN1cmUtZGV2ZWxvcG1lbnQtZmllbGQta2V5ISE="]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
# Demo accounts with published passwords exist only where this is set.
DEMO = True
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
PLATFORM_OWNER = {
    "name": "Liên hiệp hợp tác xã Chợ Liên Kết (dữ liệu mẫu)",
    "address": "Phường Thục Phán, tỉnh Cao Bằng",
    "registration": "Mã số 4800000007, Sở Tài chính Cao Bằng cấp ngày 01/07/2025",
    "phone": "+842063000000",
    "email": "lien-he@cho-lien-ket.example",
}
