"""The parcel panel: limits, locks and existing buildings reach the plan."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[1] / "siteplan" / "app"


def opened_on(parcel_id: str, *, lang: str = "en") -> AppTest:
    page = AppTest.from_file(str(APP / "main.py"), default_timeout=30)
    page.query_params["lang"] = lang
    return page.run().selectbox(key="parcel-list").set_value(parcel_id).run()


def html_of(page: AppTest) -> str:
    return " ".join(str(node.proto.body) for node in page.get("html"))


def test_a_limit_set_in_the_panel_holds_in_the_plan() -> None:
    page = opened_on("YJ-223")
    page.number_input(key="limit-min-culture").set_value(4_000).run()
    page.number_input(key="limit-max-culture").set_value(4_000).run()
    assert not page.exception
    assert "You fixed Culture here at 4,000 m²" in html_of(page)
    page.button(key="selection-clear").click().run()
    assert page.number_input(key="limit-min-culture").value is None
    assert "You fixed" not in html_of(page)


def test_a_use_that_is_excluded_leaves_the_parcel_and_can_be_allowed_again() -> None:
    page = opened_on("YJ-223")
    page.button(key="limit-out-research").click().run()
    assert "You keep Research away from this lot" in html_of(page)
    page.button(key="limit-out-research").click().run()
    assert "You keep" not in html_of(page)


def test_the_parcel_is_locked_as_planned_and_undone() -> None:
    page = opened_on("YJ-223")
    page.button(key="selection-hold").click().run()
    assert "You fixed Research here at" in html_of(page)
    page.button(key="undo").click().run()
    assert "You fixed" not in html_of(page)


def test_only_one_use_and_existing_buildings() -> None:
    page = opened_on("YJ-223")
    page.selectbox(key="selection-only").set_value("campus").run()
    assert "You let only Campus stand here" in html_of(page)
    page.number_input(key="decide-stays").set_value(10_000.0).run()
    assert not page.exception
    assert "Existing buildings that stay" in html_of(page)  # the limit that binds now


def test_several_parcels_are_left_out_together() -> None:
    page = opened_on("YJ-224")
    page.toggle(key="select-several").set_value(True).run()
    page.selectbox(key="parcel-list").set_value("YJ-225").run()
    assert "2 parcels selected" in html_of(page)
    page.button(key="selection-out").click().run()
    assert page.number_input(key="decide-available").value == 0
    assert not page.exception


def test_a_lock_that_cannot_be_kept_is_explained_and_dropping_it_is_offered() -> None:
    page = opened_on("YJ-223")
    page.number_input(key="limit-min-culture").set_value(900_000).run()
    assert "900,000 m² of Culture are asked for" in page.error[0].value
    drop = [b for b in page.button if (b.key or "").startswith("repair-")]
    assert drop
    drop[0].click().run()
    assert not page.error
