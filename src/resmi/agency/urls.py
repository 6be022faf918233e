"""Addresses of the agency room."""

from django.urls import URLPattern, path

from resmi.agency.views import locking, machines, own, policies, staff, styleguide, trail

app_name = "agency"
urlpatterns: list[URLPattern] = [
    path("", own.home, name="home"),
    path("account/", own.profile, name="profile"),
    path("account/theme/", own.set_theme, name="set_theme"),
    path("account/language/", own.set_language, name="set_language"),
    path("staff/", staff.listing, name="staff"),
    path("account/active/", locking.active, name="active"),
    path("account/lock/", locking.lock, name="lock"),
    path("account/unlock/", locking.unlock, name="unlock"),
    path("staff/policy/", policies.policy, name="policy"),
    path("services/", machines.listing, name="services"),
    path("services/<str:kind>/", machines.connect, name="connect_service"),
    path("services/<str:kind>/off/", machines.disconnect, name="disconnect_service"),
    path("staff/new/", staff.create, name="create_account"),
    path("staff/<int:account_id>/", staff.change, name="change_account"),
    path("staff/<int:account_id>/password/", staff.reset_password, name="reset_password"),
    path("staff/<int:account_id>/sign-out/", policies.sign_out_everywhere, name="sign_out_account"),
    path("staff/<int:account_id>/factors/", policies.reset_factors, name="reset_factors"),
    path("audit/", trail.listing, name="audit"),
    path("audit/export/", trail.export, name="audit_export"),
    path("styleguide/", styleguide.page, name="styleguide"),
]
