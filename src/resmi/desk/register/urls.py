"""Addresses of the register's screens."""

from django.urls import URLPattern, path

from resmi.desk.register import answers, entities, imports, lists, popular

urlpatterns: list[URLPattern] = [
    path("register/", entities.search, name="register"),
    path("register/entity/", entities.entity, name="entity"),
    path("register/entity/correct/", entities.correct, name="correct"),
    path("register/entity/undo/<int:correction_id>/", entities.undo, name="undo_correction"),
    path("register/lists/", lists.listing, name="lists_of_register"),
    path("register/lists/<int:register_id>/", lists.one, name="list_of_register"),
    path("register/lists/<int:register_id>/undo/", lists.undo, name="undo_import"),
    path("register/lists/<int:register_id>/feed/", lists.feed, name="feed"),
    path("register/lists/<int:register_id>/look/", lists.look, name="look_at_feed"),
    path("register/import/", imports.begin, name="import_list"),
    path("register/import/<int:staged_id>/", imports.staged, name="import"),
    path("register/import/<int:staged_id>/columns/", imports.columns, name="import_columns"),
    path("register/import/<int:staged_id>/confirm/", imports.confirm, name="import_confirm"),
    path("register/import/<int:staged_id>/discard/", imports.discard, name="import_discard"),
    path("register/look-ups/", popular.listing, name="lookups"),
    path("register/answers/", answers.listing, name="false_answers"),
    path("register/answers/report/", answers.report, name="report_false"),
    path("register/answers/<int:report_id>/", answers.one, name="false_answer"),
]
