"""Addresses of bringing in staff, and of what the agency holds about a citizen."""

from django.urls import URLPattern, path

from resmi.desk.people import staffing

urlpatterns: list[URLPattern] = [
    path("staff/import/", staffing.begin, name="staff_import"),
    path("staff/import/<int:staged_id>/", staffing.one, name="staff_file"),
    path("staff/import/<int:staged_id>/confirm/", staffing.confirm, name="staff_confirm"),
    path("staff/import/<int:staged_id>/undo/", staffing.undo, name="staff_undo"),
    path("staff/import/<int:staged_id>/discard/", staffing.discard, name="staff_discard"),
    path("staff/export.csv", staffing.export, name="staff_export"),
]
