"""The app without a browser: what its own components show, and events as they would send them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from siteplan.app.state import Event, reduce

MAIN = Path(__file__).parents[1] / "siteplan" / "app" / "main.py"


def opened(*, lang: str = "en", timeout_s: float = 30) -> AppTest:
    """Return the app on its first page."""
    page = AppTest.from_file(str(MAIN), default_timeout=timeout_s)
    page.query_params["lang"] = lang
    return page.run()


def done(page: AppTest, *events: Event) -> AppTest:
    """Let events change the state as the components' callbacks do, and run the page."""
    for event in events:
        page.session_state["siteplan.state"] = reduce(
            page.session_state["siteplan.state"],
            event,
            parcels=page.session_state["siteplan.parcels"],
            shown=page.session_state["siteplan.plan"][1],
        )
    return page.run()


def bar(page: AppTest) -> dict[str, Any]:
    """Return what the programme bar was given to show."""
    protos = [node.proto for node in page.get("bidi_component")]
    (given,) = (p.json for p in protos if p.component_name == "siteplan_programme")
    shown: dict[str, Any] = json.loads(given)
    return shown


def placed(page: AppTest) -> dict[str, int]:
    """Return the m² that the programme bar shows for each use."""
    return {use["key"]: use["m2"] for use in bar(page)["uses"]}


def html_of(page: AppTest) -> str:
    """Return all pieces of HTML on the page."""
    return " ".join(str(node.proto.body) for node in page.get("html"))


def headline(page: AppTest) -> dict[str, str]:
    """Return the headline figures by key."""
    found = re.findall(r'data-figure="(\w+)">.*?<b>(.*?)</b>', html_of(page))
    assert len(found) == 5
    return dict(found)
