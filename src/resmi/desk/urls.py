"""Addresses of the desk and the floor."""

from django.urls import URLPattern, path

from resmi.desk.register import urls as register
from resmi.desk.settings import urls as settings
from resmi.desk.views import (
    acts,
    channels,
    citizen,
    deliveries,
    desk,
    dialogs,
    floor,
    here,
    inbound,
    media,
    panels,
)

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("desk/", desk.desk, name="desk"),
    path("desk/lists/", desk.lists, name="lists"),
    path("desk/bar/", desk.bar, name="bar"),
    path("desk/presence/", desk.presence, name="presence"),
    path("desk/here/", here.here, name="here"),
    path("desk/<int:conversation_id>/", desk.conversation, name="conversation"),
    path("desk/<int:conversation_id>/thread/", desk.thread, name="thread"),
    path("desk/<int:conversation_id>/accept/", acts.accept, name="accept"),
    path("desk/<int:conversation_id>/decline/", acts.decline, name="decline"),
    path("desk/<int:conversation_id>/take-over/", acts.take_over, name="take_over"),
    path("desk/<int:conversation_id>/write/", acts.write, name="write"),
    path("desk/<int:conversation_id>/retry/", acts.retry, name="retry"),
    path("desk/<int:conversation_id>/draft/", acts.draft, name="draft"),
    path("desk/<int:conversation_id>/transfer/", dialogs.transfer, name="transfer"),
    path("desk/<int:conversation_id>/close/", dialogs.close, name="close"),
    path("desk/<int:conversation_id>/verify/", citizen.verify, name="verify"),
    path("desk/<int:conversation_id>/verdict/", citizen.send_verdict, name="send_verdict"),
    path("desk/<int:conversation_id>/phone/", citizen.reveal, name="reveal"),
    path("desk/<int:conversation_id>/canned/", panels.canned, name="canned"),
    path("desk/<int:conversation_id>/templates/", panels.templates, name="templates"),
    path("media/<uuid:media_id>/", media.media, name="media"),
    path("media/<uuid:media_id>/preview/", media.preview, name="media_preview"),
    path("media/<uuid:media_id>/again/", media.again, name="media_again"),
    path("floor/", floor.floor, name="floor"),
    path("floor/now/", floor.now, name="floor_now"),
    path("floor/inbound/", inbound.listing, name="inbound"),
    path("floor/inbound/<int:item_id>/", inbound.item, name="inbound_item"),
    path("floor/inbound/<int:item_id>/replay/", inbound.replay, name="inbound_replay"),
    path("floor/inbound/replay/", inbound.replay_all, name="inbound_replay_all"),
    path("floor/inbound/take-on/", inbound.take_on, name="inbound_take_on"),
    path("floor/deliveries/", deliveries.listing, name="deliveries"),
    path("floor/deliveries/<int:delivery_id>/resend/", deliveries.resend, name="delivery_resend"),
    path("floor/deliveries/<int:delivery_id>/drop/", deliveries.drop, name="delivery_drop"),
    path("floor/channels/", channels.listing, name="channels"),
    path("floor/channels/<int:channel_id>/pause/", channels.pause, name="channel_pause"),
    path("floor/channels/<int:channel_id>/resume/", channels.resume, name="channel_resume"),
    *register.urlpatterns,
    *settings.urlpatterns,
]
