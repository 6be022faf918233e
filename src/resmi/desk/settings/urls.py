"""Addresses of the routing settings."""

from django.urls import URLPattern, path

from resmi.desk.settings import agents, entries, queues, whole

urlpatterns: list[URLPattern] = [
    path("routing/", queues.listing, name="routing"),
    path("routing/queues/new/", queues.create, name="new_queue"),
    path("routing/queues/<slug:key>/", queues.change, name="queue"),
    path("routing/queues/<slug:key>/remove/", queues.remove, name="remove_queue"),
    path("routing/agents/", agents.listing, name="routing_agents"),
    path("routing/agents/<int:agent_id>/", agents.change, name="routing_agent"),
    path("routing/whole/", whole.change, name="routing_whole"),
    path("routing/<slug:kind>/", entries.listing, name="routing_entries"),
    path("routing/<slug:kind>/new/", entries.create, name="new_entry"),
    path("routing/<slug:kind>/<str:key>/", entries.change, name="entry"),
    path("routing/<slug:kind>/<str:key>/remove/", entries.remove, name="remove_entry"),
]
