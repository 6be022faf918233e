from __future__ import annotations
import pytest
from datetime import UTC, datetime, timedelta
from resmi.conversations import services, team
from resmi.conversations.models import Conversation
from resmi.engine.content import Text
from tests.desk import scenes
from tests.journeys.conftest import violations
pytestmark = [pytest.mark.browser]
def test_shots(transactional_db, page_for):
    scenes.office()
    rina = scenes.supervisor("Rina Kusuma")
    sari, bima, dewi = scenes.agent("Sari Wulandari"), scenes.agent("Bima Prakoso"), scenes.agent("김민지")
    a = scenes.held(sari, "Budi Santoso"); scenes.held(sari, "Joko Prabowo"); scenes.held(bima, "Dewi Anggraini")
    for n in ("Ayu Lestari", "Rudi Hartono", "박지훈"):
        w = scenes.waiting(n)
    Conversation.objects.filter(pk=w.pk).update(waiting_since=datetime.now(UTC)-timedelta(minutes=4))
    x = scenes.waiting("Tono"); services.take_over(actor=bima, conversation_id=x.pk)
    services.reply(actor=bima, conversation_id=x.pk, content=Text("Selamat pagi"))
    y = scenes.waiting("Citra"); services.take_over(actor=bima, conversation_id=y.pk); services.close(actor=bima, conversation_id=y.pk, reason="advice_given")
    scenes.with_bot("Eka")
    team.ask_help(actor=sari, conversation_id=a.pk, note="Dia mengancam akan melapor ke media")
    for theme, width, lang in (("light",1440,"en"),("dark",1440,"id"),("light",360,"ko")):
        rina.language = lang; rina.save()
        page = page_for(rina, theme=theme, width=width)
        for name, path in (("floor","/floor/"),("today","/floor/today/?fate=arrived"),("wall","/floor/wall/")):
            page.goto(path); page.wait_for_timeout(300)
            page.screenshot(path=f"/tmp/f5shots/{name}-{theme}-{width}.png", full_page=name!="wall")
            print(path, theme, violations(page), page.evaluate("document.documentElement.scrollWidth"))
