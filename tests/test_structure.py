"""The house's rules that a machine can hold: layers, declared imports, sizes, light imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "siteplan").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DISTRIBUTION = {"xstatic": "xstatic-leaflet"}


def test_layers_and_other_import_contracts() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_every_import_is_a_declared_dependency() -> None:
    declared = {re.split(r"[<>=\[]", name)[0].lower() for name in PROJECT["dependencies"]}
    for path in [*MODULES, ROOT / "streamlit_app.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else ([node.module] if isinstance(node, ast.ImportFrom) and node.module else [])
            )
            for name in names:
                top = name.split(".")[0]
                known = top == "siteplan" or top in sys.stdlib_module_names
                assert known or DISTRIBUTION.get(top, top) in declared, f"{path.name}: {name}"


def test_every_dependency_is_imported_and_has_a_reason() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").lower()
    for name in PROJECT["dependencies"]:
        plain = re.split(r"[<>=\[]", name)[0].lower()
        module = {v: k for k, v in DISTRIBUTION.items()}.get(plain, plain)
        assert f"`{plain}`" in reasons, plain
        if plain != "pyarrow":  # geopandas asks for it when GeoParquet is read or written
            assert re.search(rf"^\s*(from|import) {module}\b", sources, re.MULTILINE), plain


def test_import_is_light() -> None:
    code = "import sys, siteplan; print('numpy' in sys.modules, 'geopandas' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


def test_every_promised_name_is_there() -> None:
    import siteplan

    for name in siteplan.__all__:
        assert getattr(siteplan, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        siteplan.nonsense  # noqa: B018
