"""The one address of the naive handler."""

from django.urls import path

from benchmarks.naive.views import webhook

urlpatterns = [path("hooks/whatsapp", webhook)]
