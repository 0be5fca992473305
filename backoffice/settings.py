"""All settings are in this file. Everything that differs between machines is a variable; `*_FILE` names a file with a
secret.

Without variables the embedded stack of `manage.py up` is used: its addresses are in `.data/stack.json`, its own
random keys in `.data/keys.json`. With `COUNTERSIGN_ENV=production` nothing is assumed: see `backoffice/security`.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from backoffice import embedded, languages, logs, parts, time_limits

django_stubs_ext.monkeypatch()
BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
ENVIRONMENT = env.str("COUNTERSIGN_ENV", "embedded")
PRODUCTION = ENVIRONMENT == "production"
DATA_DIR = Path(env.str("COUNTERSIGN_DATA", str(BASE_DIR / ".data")))
_stack: dict[str, str] = {} if PRODUCTION else embedded.addresses(DATA_DIR)
_keys: dict[str, str] = {} if PRODUCTION else embedded.keys(DATA_DIR)


def _read(name: str, default: str = "") -> str:
    """Raises `ImproperlyConfigured` for a file that cannot be read. The line end of a file is no part of a secret."""
    try:
        return str(env.str(name, default)).strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        why = getattr(unreadable, "strerror", None) or "it is not text"
        raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {why}.") from None


def _address(name: str, default: str = "") -> str:
    return _read(name, _stack.get(name, default))


def _key(name: str) -> str:
    return _read(name, _keys.get(name, ""))


DEBUG = env.bool("DEBUG", False)
DEMO_MODE, DEMO_CLAIM_NOTICE = env.bool("COUNTERSIGN_DEMO", False), env.int("DEMO_CLAIM_NOTICE", 0)  # in seconds
SECRET_KEY = _key("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SEALING_KEYS = _key("SEALING_KEYS").split(",")
INDEX_KEY = _key("INDEX_KEY")
CODEC_KEYS = _key("CODEC_KEYS")
"""`id:base64,id:base64`: AES-256 keys of what Temporal stores, the newest first."""
CHECKPOINT_KEY = _key("CHECKPOINT_KEY")
"""Base64 of the 32-byte Ed25519 seed that signs the checkpoints of the timelines."""
SIGNALS_SECRET = _key("SIGNALS_SECRET")
"""`whsec_…`: the Standard Webhooks secret of the detector of fraud."""
ACCOUNTING_SECRET, NUMBERS_SECRET = _read("ACCOUNTING_SECRET"), _read("NUMBERS_SECRET")
"""The same of the accounting system, which reports payments, and of who reports swapped SIMs and ported numbers.
Without one nobody does."""

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = _address("PUBLIC_URL", "http://127.0.0.1:8000")
COMPANY_NAME = env.str("COMPANY_NAME", "Meridian Bank")
COMPANY_PHONE = env.str("COMPANY_PHONE", "+31 20 555 0100")
DESK_PHONE, CALL_MINUTES_A_DAY = env.str("DESK_PHONE", COMPANY_PHONE), env.int("CALL_MINUTES_A_DAY", 10_000)
"""Which number our visitors call when they need the desk; the most that our calls take in a day (`telephony`)."""
COMPANY_PHONE_HOURS = env.str("COMPANY_PHONE_HOURS", "every day, 7:00 to 23:00, Amsterdam time")
"""When somebody answers `COMPANY_PHONE`, as it is shown to customers. Empty says nothing."""
MERCHANT_CAPS, RISK_LIMITS = env.list("MERCHANT_CAPS", default=[]), env.list("RISK_LIMITS", default=[])  # `payments`
ROUTE_URL = env.str("ROUTE_URL", "geo:0,0?q={address}")
"""What "Route" on a visit opens. The default hands the address to the map that the visitor's own device has, so no
other company learns it from us."""
BRANCH_ADDRESS = env.str("BRANCH_ADDRESS", "Damrak 1, 1012 LG, Amsterdam, NL")
"""Where cards go that the post could not deliver: street, postal code, town, country (ISO 3166-1 alpha-2)."""

BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
"""Whether a proxy of ours is in front. Only then do we believe the client address that it sends."""

INSTALLED_APPS = list(parts.APPS)
if not PRODUCTION:
    INSTALLED_APPS += ["devstack", "demo"]  # in production they need not even be on the machine
PROCESSES = list(parts.PROCESSES)
"""The processes of this installation, by the dotted names of their objects for the catalogue."""

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "backoffice.staff.never_kept.NeverKept",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "backoffice.raw_input.RawInput",
    "backoffice.machines.ShortWay",
    "backoffice.desk.live.LiveParts",
    "backoffice.portal.polling.CallsNow",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backoffice.ui.staying.SignInEnds",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backoffice.ui.kept_pages.KeptPages",
    "allauth.account.middleware.AccountMiddleware",
    "backoffice.staff.mfa.RequireStaffMFA",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "backoffice.busy.BusyDatabase",
]
"""Pages are compressed although they hold secrets, for BREACH cannot be played against them: it needs many requests of
another site with our cookies, which are SameSite; Django masks the form token anew in each page, and `GZipMiddleware`
pads each answer with up to 100 random bytes ("Heal the BREACH"). Static files are compressed before, and served above
it."""
MACHINE_MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backoffice.machines.RequestLog",
]
"""For requests of machines, instead of the middleware after `ShortWay`."""

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES: dict[str, Any] = {"default": env.db_url_config(_address("DATABASE_URL", "postgres:///countersign"))}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", 24), "timeout": 10},
    "server_side_binding": True,
    "prepare_threshold": env.int("DATABASE_PREPARE_AFTER", 5) or None,
}
if time_outs := time_limits.options(asked=env.bool("DATABASE_TIME_OUTS", True)):
    DATABASES["default"]["OPTIONS"]["options"] = f"{time_outs} {DATABASES['default']['OPTIONS'].get('options', '')}"
"""Connections live in a pool, so frequent statements are prepared on each connection. 0 prepares none, for a pooler in
front of PostgreSQL that does not support prepared statements."""
if DATABASES["default"].get("ENGINE") == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "backoffice.postgresql"
"""Dead connections are replaced when one of them is next taken from the pool, so that no request fails for them."""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
"""Every session ends with the browser: a shared telephone must not stay signed in."""
ACCOUNT_ADAPTER = "backoffice.staff.sign_in.AccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "Countersign"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_ADAPTER = "backoffice.staff.sign_in.MFAAdapter"
AXES_FAILURE_LIMIT, AXES_COOLOFF_TIME = 8, timedelta(minutes=15)
AXES_CLIENT_IP_CALLABLE = "backoffice.networks.network_of"
AXES_USERNAME_CALLABLE = "backoffice.staff.failed_sign_ins.name_of"
AXES_SENSITIVE_PARAMETERS = ["login", "username"]  # The form is not kept besides: the name has a column of its own.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS, AXES_VERBOSE = True, False

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "backoffice" / "locale"]
FORMAT_MODULE_PATH = ["backoffice.formats"]
LANGUAGES = languages.with_catalogue(LOCALE_PATHS[0])
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "backoffice" / "static"]
STATIC_COLLECTED = PRODUCTION or not (DEBUG or ENVIRONMENT == "test")
"""Whether static files are served as `collectstatic` left them: compressed, and with names that hold a hash of what is
in them, so that browsers keep them for ever. Otherwise a changed file shows at once."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_COLLECTED
"""A file is looked for when it is asked for. Otherwise all are listed at the start, which every client of a test
would wait for."""
MEDIA_ROOT = DATA_DIR / "files"
CLAMD_URL = env.str("CLAMD_URL", "")
"""The virus scanner that sees every file which somebody sends: `tcp://host:3310` or `unix:///path`. Empty has none."""

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
"""In seconds: no sign-in lasts longer, whatever the person does (NIST SP 800-63B, AAL2)."""
IDLE, IDLE_IN_THE_FIELD = timedelta(minutes=30), timedelta(hours=2)  # Of doing nothing (NIST, too); visitors drive.
CSRF_FAILURE_VIEW = "backoffice.ui.kept_pages.too_old"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    **{name: [] for name in ("camera", "microphone", "payment", "usb")},
    "geolocation": ["self"],
    "publickey-credentials-get": ["self"],
}

LARGEST_CONTENT = {
    "/api/v1/signals/": 16 * 1024 * 1024,
    "/api/v1/webhooks/": 16 * 1024 * 1024,
    "/api/v1/documents": 11 * 1024 * 1024,
    "/documents/": 11 * 1024 * 1024,
    "/portal/report/": 11 * 1024 * 1024,
    "/check/": 256 * 1024,
    "/desk/": 256 * 1024,
    "/api/": 256 * 1024,
    "/portal/": 32 * 1024,
    "/field/": 16 * 1024,
    "/account/": 32 * 1024,
    "/": 8 * 1024,
}
"""The most that may be sent to a face in one request, in bytes; the first prefix that fits counts. People paste whole
messages at the desk (20,000 characters, of which one may take twelve bytes), and passkeys are sent to the account. What
a machine signs protects people, so it is read however much else it says. A file of 10 MB fits into its form."""
DATA_UPLOAD_MAX_MEMORY_SIZE = max(LARGEST_CONTENT.values())
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 10

CELERY_BROKER_URL = _address("CELERY_BROKER_URL", "memory://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"

TEMPORAL_ADDRESS = _address("TEMPORAL_ADDRESS", "127.0.0.1:7233")
TEMPORAL_NAMESPACE = env.str("TEMPORAL_NAMESPACE", "default")
TEMPORAL_TLS = env.bool("TEMPORAL_TLS", False)
TEMPORAL_TLS_SERVER_CA = _read("TEMPORAL_TLS_SERVER_CA")
"""PEM: who signed the server's certificate; empty for those whom this machine trusts."""
TEMPORAL_TLS_SERVER_NAME = _read("TEMPORAL_TLS_SERVER_NAME")
"""The name in the server's certificate, where it is not the one in the address."""
TEMPORAL_TLS_CLIENT_CERT = _read("TEMPORAL_TLS_CLIENT_CERT")
TEMPORAL_TLS_CLIENT_KEY = _read("TEMPORAL_TLS_CLIENT_KEY")
"""PEM: by these the server knows us."""
TEMPORAL_API_KEY = _read("TEMPORAL_API_KEY")
"""By this Temporal Cloud knows us, instead of by a certificate."""
TEMPORAL_TASK_QUEUE = env.str("TEMPORAL_TASK_QUEUE", "countersign")
TEMPORAL_ACTIVITY_THREADS = env.int("TEMPORAL_ACTIVITY_THREADS", 16)

EMAIL_CONFIG = env.email_url_config(_address("EMAIL_URL", "smtp://127.0.0.1:2525"))
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Meridian Bank <post@meridian.example>")
MAIL_INTAKE_ADDRESSES = env.list("MAIL_INTAKE_ADDRESSES", default=["orders@meridian.example", "post@meridian.example"])
"""Our mailboxes: the receiver takes mail for these, and for nobody else."""
MAIL_AUTHSERV_ID = env.str("MAIL_AUTHSERV_ID", "")
"""The name of our own mail server in the Authentication-Results that it writes (RFC 8601). It must remove those with
this name that come from outside. Empty believes none."""
MAIL_TRUSTED_SEALERS = env.list("MAIL_TRUSTED_SEALERS", default=[])
"""Domains of forwarders whose ARC seals we believe (RFC 8617)."""
SMS_URL = _address("SMS_URL", "http://127.0.0.1:2526/sms")
LETTER_URL = _address("LETTER_URL", SMS_URL)
"""Where letters are printed and posted. The embedded sink shows them beside the text messages."""
ISSUER_URL = _address("ISSUER_URL", "http://127.0.0.1:2527")
ISSUER_CURRENCY = env.str("ISSUER_CURRENCY", "eur")
"""The currency of the cards that we order: ISO 4217, in lower case as in the issuer's API."""
ISSUER_KEY, ISSUER_WEBHOOK_SECRET = _key("ISSUER_KEY"), _key("ISSUER_WEBHOOK_SECRET")
PAYMENTS_URL = _address("PAYMENTS_URL")  # The Stripe API; empty where we take no payments by card.
PAYMENTS_KEY, PAYMENTS_WEBHOOK_SECRET = _key("PAYMENTS_KEY"), _key("PAYMENTS_WEBHOOK_SECRET")
TELEPHONY_URL = _address("TELEPHONY_URL")  # Twilio's REST API; empty where our agents dial on any telephone.
TELEPHONY_ACCOUNT, TELEPHONY_NUMBER = _address("TELEPHONY_ACCOUNT"), _address("TELEPHONY_NUMBER")
TELEPHONY_TOKEN = _key("TELEPHONY_TOKEN")  # It also signs the provider's reports.
VOICE_CONTROL_URL = _address("VOICE_CONTROL_URL")  # Our own voice gateway; without TELEPHONY_URL it makes the calls.
VOICE_PUBLIC_KEY_PATH = _address("VOICE_PUBLIC_KEY_PATH")  # A PEM file: what checks the gateway's proofs.
VOICE_CONTROL_SECRET, VOICE_EVENTS_SECRET = _key("VOICE_CONTROL_SECRET"), _key("VOICE_EVENTS_SECRET")
UPDATER_URL, UPDATER_SECRET = _address("UPDATER_URL"), _key("UPDATER_SECRET")  # Empty: an operator carries its files.
REGISTRY_ADAPTER = env.str("REGISTRY_ADAPTER", "backoffice.domains.adapters.epp.registry")
"""What gives the registry of a name (`backoffice.domains.ports.registry`)."""
REGISTRY_ADDRESS = _address("REGISTRY_ADDRESS", "127.0.0.1:2528")
"""Host and port where the registry of domain names speaks EPP over TLS."""
REGISTRY_REGISTRAR = _address("REGISTRY_REGISTRAR", "countersign")
REGISTRY_PASSWORD = _key("REGISTRY_PASSWORD")
"""How we sign in there: EPP's clID and password (6 to 16 characters)."""
REGISTRY_AUTHORITY_PATH = _address("REGISTRY_AUTHORITY_PATH")
"""The file in PEM of who signed the registry's certificate; empty for those whom this machine trusts."""
REGISTRY_CERT_PATH, REGISTRY_KEY_PATH = _address("REGISTRY_CERT_PATH"), _address("REGISTRY_KEY_PATH")
"""The files in PEM by which the registry knows us."""
REGISTRY_DEADLINE = env.float("REGISTRY_DEADLINE", 10.0)
"""Seconds for one command, connecting and signing in included."""
REGISTRY_CONTROL_URL = _address("REGISTRY_CONTROL_URL", "")
"""The page of the embedded registry; empty in production."""
WEBHOOK_NETWORKS = env.list("WEBHOOK_NETWORKS", default=[] if PRODUCTION else ["127.0.0.0/8", "::1"])
"""Networks of ours that webhooks to partners may reach although they are not public."""
INBOX_URL = _address("INBOX_URL", "")
"""The page on which the embedded mail and SMS sink shows what arrived; empty in production."""

SIGNATURES_TRUST = _address("SIGNATURES_TRUST")
"""A folder of PEM files: whose certificates count in signed documents. It holds revocation lists, too, as `.crl` and
`.ocsp` files. Empty trusts nobody."""
SIGNATURES_EU_LISTS = [path.strip() for path in _read("SIGNATURES_EU_LISTS").split(",") if path.strip()]
"""Files with trusted lists of the European Union (ETSI TS 119 612). Nothing is fetched."""
SIGNATURES_EU_SIGNERS = [path.strip() for path in _read("SIGNATURES_EU_SIGNERS").split(",") if path.strip()]
"""For each of these files, in the same order, a PEM file: the certificates that may sign that list."""

TEMPORAL_UI_URL = _address("TEMPORAL_UI_URL", "")
"""The pages of the embedded Temporal; empty in production."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backoffice.api.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backoffice.parsing.StrictJSONParser"],
    "EXCEPTION_HANDLER": "backoffice.api.errors.answer",
    "DEFAULT_THROTTLE_CLASSES": ["backoffice.networks.UserThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "1200/min", "unsigned": "60/min"},
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=90), "AUTH_TOKEN_CHARACTER_LENGTH": 64}
SPECTACULAR_SETTINGS = {
    "TITLE": "Countersign",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "CaseStateEnum": "backoffice.cases.models.CaseState",
        "ItemStateEnum": "backoffice.cases.models.ItemState",
    },
}

CACHES = {
    "default": {"BACKEND": "backoffice.shared_cache.SharedCache", "LOCATION": _address("CACHE_URL")}
    if _address("CACHE_URL")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
LIVE_STORE, LIVE_URL = _address("CACHE_URL"), _address("LIVE_URL")
"""Where the state of calls is published (`telephony/live`), and its streams are, if not at the pages' own address."""
CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] += [LIVE_URL] if LIVE_URL else []
PHONENUMBER_DEFAULT_FORMAT = "E164"

LOGGING = logs.config(level=env.str("LOG_LEVEL", "INFO"))
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
