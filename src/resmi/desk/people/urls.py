"""Addresses of bringing in staff, and of what the agency holds about a citizen."""

from django.urls import URLPattern, path

from resmi.desk.people import personal, staffing, wording

urlpatterns: list[URLPattern] = [
    path("staff/import/", staffing.begin, name="staff_import"),
    path("staff/import/<int:staged_id>/", staffing.one, name="staff_file"),
    path("staff/import/<int:staged_id>/confirm/", staffing.confirm, name="staff_confirm"),
    path("staff/import/<int:staged_id>/undo/", staffing.undo, name="staff_undo"),
    path("staff/import/<int:staged_id>/discard/", staffing.discard, name="staff_discard"),
    path("staff/export.csv", staffing.export, name="staff_export"),
    path("citizens/consent/", wording.page, name="consent_wording"),
    path("citizens/data/", personal.search, name="personal_search"),
    path("citizens/<int:contact_id>/data/", personal.one, name="personal_data"),
    path("citizens/<int:contact_id>/data/export/", personal.export, name="personal_export"),
    path("citizens/<int:contact_id>/data/erase/", personal.erase, name="personal_erase"),
]
