"""Texts: every sentence has its Korean, with the same figures in it, and the binary is current."""

from __future__ import annotations

import ast
import io
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from siteplan.io import default_scenario, read_parcels
from siteplan.issues import CODES, Issue
from siteplan.text import (
    LANGUAGES,
    Joined,
    Label,
    Text,
    on_screen,
    sentence,
    translate,
    with_particles,
    written,
)

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "siteplan" / "locale" / "ko" / "LC_MESSAGES" / "siteplan.po"
KEYWORDS = {"_": None, "N_": None, "sentence": None, "translate": None}


def korean() -> Catalog:
    return read_po(io.BytesIO(CATALOGUE.read_bytes()))


def used_msgids() -> set[str]:
    found = extract_from_dir(str(ROOT / "siteplan"), keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found if isinstance(message, str) and message}


def test_no_sentence_hides_in_an_f_string() -> None:
    # Extraction reads _("…") calls only outside f-strings.
    for path in (ROOT / "siteplan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
                    literal = bool(call.args) and isinstance(call.args[0], ast.Constant)
                    named = isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
                    assert not (literal and named), f"{path.name}:{node.lineno}"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_in_the_code_has_korean() -> None:
    translated = {message.id for message in korean() if message.string}
    assert used_msgids() - translated == set()


def test_no_translation_is_left_over() -> None:
    assert {message.id for message in korean() if message.id} - used_msgids() == set()


def test_translations_carry_the_same_figures() -> None:
    for message in korean():
        if message.id:
            assert fields(str(message.id)) == fields(str(message.string)), message.id


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = read_mo(io.BytesIO(CATALOGUE.with_suffix(".mo").read_bytes()))
    assert {m.id: m.string for m in compiled} == {m.id: m.string for m in korean() if m.string}


def test_screens_name_no_option_of_the_command_line() -> None:
    """Sentences of the command line alone are made in its own package and may name options."""
    found = extract_from_dir(str(ROOT / "siteplan"), keywords=KEYWORDS)
    both = {msgid for place, _, msgid, _, _ in found if not str(place).startswith("cli/")}
    naming = [str(msgid) for msgid in both if re.search(r"--[a-z]", str(msgid))]
    assert len(naming) > 20
    for msgid in naming:
        for lang in LANGUAGES:
            left = on_screen(translate(msgid, lang=lang))
            assert "--" not in left, left
            assert not re.search(r" [,;]| \.(\s|$)|\(\s*\)", left), left


def test_a_screen_leaves_out_the_option_with_its_value() -> None:
    said = "Add it as zoning (--zoning old (2).zip), then merge (합필)."
    assert on_screen(said) == "Add it as zoning, then merge (합필)."


def test_figures_and_names_are_rendered_in_the_readers_language() -> None:
    text = sentence("Written: {path}", path="plan.geojson")
    assert text.render("en") == "Written: plan.geojson"
    assert text.render("ko") == "저장함: plan.geojson"
    names = Joined((Label("연구", "Research"), Label("주거", "Housing")))
    assert Text("{names}", {"names": names}).render("ko") == "연구, 주거"


def test_braces_in_figures_stay_as_they_are() -> None:
    assert sentence("Written: {path}", path="{0}.geojson").render("en") == "Written: {0}.geojson"


def test_unknown_languages_read_english() -> None:
    assert translate("Plan", lang="fr") == "Plan"


@pytest.mark.parametrize("code", CODES)
def test_every_finding_has_a_severity_and_a_fix(code: str) -> None:
    issue = Issue(code)
    assert issue.severity in {"error", "warning", "info"}
    assert translate(issue.fix.msgid, lang="ko") != issue.fix.msgid


class TestWritten:
    """A text that a person wrote in both languages is shown in each as its own part."""

    def test_each_language_has_its_part(self) -> None:
        found = written("양재 기본안 · Yangjae starting scenario")
        assert found == Label("양재 기본안", "Yangjae starting scenario")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "연구안",
            "Research plan of the second meeting",
            "연구안 · v2",
            "판교 · 양재",
            "AI 허브 · AI Hub",
            "Research · Campus and much more",
            "하나 · 둘 · three words of English",
            "기본안·Yangjae starting scenario",
            "가정 · assumed already; 공공기여 20%",
        ],
    )
    def test_any_other_text_stays_whole(self, text: str) -> None:
        assert written(text) == Label(text, text)

    def test_the_shipped_scenarios_texts_are_all_in_both_languages(self) -> None:
        scenario = default_scenario(read_parcels())
        reasons = {decision.reason for decision in scenario.decisions.values()}
        for text in (scenario.name, scenario.note, *reasons):
            found = written(text)
            assert found.ko != found.en, text
            assert f"{found.ko} · {found.en}" == text


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("주거을(를) 줄이고", "주거를 줄이고"),
        ("캠퍼스와(과) 문화은(는)", "캠퍼스와 문화는"),
        ("연구동이(가)", "연구동이"),
        ("‘하림’을(를) 표시", "‘하림’을 표시"),
        ("시설(으)로", "시설로"),
        ("도면(으)로", "도면으로"),
        ("양재동 223을(를) 합치면", "양재동 223을 합치면"),
        ("1,200 m²이(가) 모자랍니다", "1,200 m²가 모자랍니다"),
        ("KT을(를)", "KT을(를)"),
        ("값 7(으)로, 값 10(으)로", "값 7로, 값 10으로"),
    ],
)
def test_korean_particles_follow_the_word_before_them(said: str, right: str) -> None:
    assert with_particles(said) == right


def test_a_text_with_figures_chooses_its_particles() -> None:
    text = Text("{use}을(를) {lot}(으)로", {"use": Label("주거", "Housing"), "lot": "하림"})
    assert text.render("ko") == "주거를 하림으로"
    assert text.render("en") == "Housing을(를) 하림(으)로"
