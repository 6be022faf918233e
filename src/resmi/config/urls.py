"""Every address of the web process that Django answers."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("resmi.agency.accounts")),
    path("", include("resmi.agency.urls")),
    path("", include("resmi.desk.urls")),
]
