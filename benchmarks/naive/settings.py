"""The product's settings with the naive handler instead of its web pages."""

from resmi.config.settings import *  # noqa: F403
from resmi.config.settings import DATABASES as _DATABASES
from resmi.config.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "benchmarks.naive"]
ROOT_URLCONF = "benchmarks.naive.urls"
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
DATABASES = {"default": {**_DATABASES["default"], "CONN_MAX_AGE": 600}}
