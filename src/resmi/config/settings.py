"""Django settings. Everything comes from the environment, named `RESMI_…`; see docs/settings.md."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from resmi.config import environment, logs

ENV = os.environ
ROOT = Path(__file__).resolve().parent.parent
HOME = environment.home(ENV)

MODE = ENV.get("RESMI_MODE", "production")  # production | demo | test
DEBUG = False
SECRET_KEY = environment.secret_key(ENV, HOME)
BASE_URL = ENV.get("RESMI_BASE_URL", "")
RECEIPT_KEYS = environment.receipt_keys(ENV, HOME)
ALLOWED_HOSTS = environment.words(ENV, "RESMI_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
CSRF_TRUSTED_ORIGINS = environment.words(ENV, "RESMI_TRUSTED_ORIGINS")
PROXIES = environment.count(ENV, "RESMI_PROXIES")
HTTPS = environment.flag(ENV, "RESMI_HTTPS", default=MODE == "production")

DATABASES = {
    "default": {
        **environment.database(ENV.get("RESMI_DATABASE_URL", "postgresql:///resmi")),
        "CONN_MAX_AGE": 0,
        "TEST": {"NAME": ENV.get("RESMI_TEST_DATABASE") or None},
    }
}
# A server that vanished without a word is noticed in seconds, not in hours.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
    **DATABASES["default"]["OPTIONS"],
}
# The watchman knows processes by these names.
DATABASES["default"]["OPTIONS"]["application_name"] = ENV.get("PGAPPNAME", "resmi")

INSTALLED_APPS = [
    "resmi.agency",  # before allauth, whose templates it replaces
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    "resmi.contacts",
    "resmi.channels",
    "resmi.registry",
    "resmi.routing",
    "resmi.bot",
    "resmi.conversations",
    "resmi.operations",
    "resmi.desk",
    "resmi.api",
]
MIDDLEWARE = [
    "resmi.agency.middleware.CompressedPages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "resmi.agency.middleware.AccountPreferences",
    "resmi.agency.middleware.LivePosition",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "resmi.agency.entrance.Gate",
    "resmi.agency.middleware.FormsOnly",
]
FORM_RENDERER = "resmi.agency.forms.Renderer"
ROOT_URLCONF = "resmi.config.urls"
ASGI_APPLICATION = "resmi.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "resmi.agency.context.chrome",
            ]
        },
    }
]

# Who may see the thing that an argument of an address names; asked before every view.
SEEN_BY = {
    "conversation_id": "resmi.conversations.visibility.can_see",
    "contact_id": "resmi.conversations.visibility.can_see_contact",
    "media_id": "resmi.conversations.visibility.can_see_file",
}

AUTH_USER_MODEL = "agency.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "resmi.agency.accounts.Adapter"
ACCOUNT_FORMS = {
    "login": "resmi.agency.forms.SignInForm",
    "reauthenticate": "resmi.agency.forms.ConfirmForm",
    "reset_password": "resmi.agency.forms.ResetForm",
    "reset_password_from_key": "resmi.agency.forms.ResetKeyForm",
    "change_password": "resmi.agency.forms.ChangeForm",
    "set_password": "resmi.agency.forms.SetForm",
}
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}

# Second factors: an app's codes, passkeys and security keys, recovery codes.
MFA_ADAPTER = "resmi.agency.factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "resmi.agency.factors.CodeForm",
    "reauthenticate": "resmi.agency.factors.ConfirmCodeForm",
    "activate_totp": "resmi.agency.factors.ActivateForm",
    "add_webauthn": "resmi.agency.factors.AddKeyForm",
    "edit_webauthn": "resmi.agency.factors.EditKeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # administrators give addresses
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True

# Single sign-on with an agency's own OpenID Connect provider.
SIGN_ON = environment.sign_on(ENV)
SOCIALACCOUNT_ADAPTER = "resmi.agency.signon.Adapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would need the provider's address in form-action
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": SIGN_ON["apps"], "OAUTH_PKCE_ENABLED": True}}

if MODE == "test":  # a strong hash takes a third of a second, and tests make thousands of accounts
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "resmi.agency.passwords.Long"},
    {"NAME": "resmi.agency.passwords.Uncommon"},
    {"NAME": "resmi.agency.passwords.NotDigitsAlone"},
]

SESSION_COOKIE_NAME = "resmi_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "resmi.agency.views.policies.csrf_failure"
CSRF_COOKIE_NAME = "resmi_csrf"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves, in base.html
LANGUAGE_COOKIE_NAME = "resmi_language"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "SAMEORIGIN"

SIMULATOR_URL = ENV.get("RESMI_SIMULATOR_URL", "")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],  # what one records is heard before it is sent
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "frame-src": [SELF, *([SIMULATOR_URL] if SIMULATOR_URL else [])],
    }
}

LOGGING_CONFIG = "resmi.config.logs.configure"
LOGGING = logs.settings(
    form=ENV.get("RESMI_LOG") or ("json" if MODE == "production" else "text"),
    level=ENV.get("RESMI_LOG_LEVEL") or ("warning" if MODE == "test" else "info"),
)

# E-mail, and who is told when something is alarming.
MAIL = environment.mail(ENV.get("RESMI_MAIL_URL", ""))
EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
EMAIL_HOST = MAIL.get("EMAIL_HOST", "")
EMAIL_PORT = MAIL.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = MAIL.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = MAIL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.get("RESMI_MAIL_FROM") or "resmi@localhost"
ALARM_EMAILS = environment.words(ENV, "RESMI_ALARM_EMAILS")
ALARM_WEBHOOK = ENV.get("RESMI_ALARM_WEBHOOK", "")
ALARM_SECRET = ENV.get("RESMI_ALARM_SECRET", "")
ALARM_EVERY_S = environment.seconds(ENV, "RESMI_ALARM_EVERY_S", 0.0 if MODE == "test" else 15.0)
METRICS_TOKEN = ENV.get("RESMI_METRICS_TOKEN", "")

# Counts of failed sign-ins and used tickets hold for all web processes; the rest is each one's own.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "agency_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

USE_TZ = True
TIME_ZONE = ENV.get("RESMI_TIME_ZONE", "Asia/Jakarta")
USE_I18N = True
LANGUAGE_CODE = ENV.get("RESMI_LANGUAGE", "en")
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia"), ("ko", "한국어")]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = "resmi.config.formats"

# Tests read static files where they lie; otherwise they are collected, hashed and compressed.
STATIC_URL = "/static/"
STATIC_COLLECTED = MODE != "test" or bool(ENV.get("RESMI_STATIC"))
STATIC_ROOT = environment.static_files(ENV) if STATIC_COLLECTED else None
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
WHITENOISE_AUTOREFRESH = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False  # only our own pages load them

# Files from and to citizens.
MEDIA_ROOT = HOME / "media"
MEDIA_LARGEST = environment.count(ENV, "RESMI_MEDIA_LARGEST_MB", 100) * 1024 * 1024
MEDIA_TYPES = environment.words(ENV, "RESMI_MEDIA_TYPES", environment.MEDIA_TYPES)
MEDIA_KEEP_DAYS = environment.count(ENV, "RESMI_MEDIA_KEEP_DAYS")
CLAMAV = environment.scanner(ENV)
STORAGES = {
    "default": environment.storage(ENV.get("RESMI_STORAGE", "")),
    "staticfiles": {
        "BACKEND": "resmi.config.statics.Storage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# WhatsApp Cloud API. Secrets are a list so that a new one can be added before the old one goes.
WHATSAPP_APP_SECRETS = environment.words(ENV, "RESMI_WHATSAPP_APP_SECRETS")
WHATSAPP_VERIFY_TOKEN = ENV.get("RESMI_WHATSAPP_VERIFY_TOKEN", "")
WHATSAPP_TOKEN = ENV.get("RESMI_WHATSAPP_TOKEN", "")
WHATSAPP_GRAPH_URL = ENV.get("RESMI_WHATSAPP_GRAPH_URL", "https://graph.facebook.com/v26.0")

PACK = ENV.get("RESMI_PACK", str(ROOT / "packs" / "finance"))
