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

from siteplan.issues import CODES, Issue
from siteplan.text import LANGUAGES, Joined, Label, Text, on_screen, sentence, translate

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
