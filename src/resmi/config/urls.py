"""Every address of the web process that Django answers."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("resmi.agency.accounts")),
    path("", include("resmi.agency.urls")),
    path("", include("resmi.desk.urls")),
    path("", include("resmi.api.urls")),
]
handler429 = "resmi.agency.views.broken.too_many"  # allauth's own
handler500 = "resmi.agency.views.broken.broken"
if settings.MODE == "demo":
    urlpatterns.append(path("demo/", include("resmi.desk.demo")))
