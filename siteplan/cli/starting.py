"""``siteplan app``: start the app."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from siteplan.cli.say import EXIT_FINE, say
from siteplan.version import __version__

if TYPE_CHECKING:
    import argparse


def run_app(options: argparse.Namespace) -> int:
    """Become Streamlit on the app's door."""
    from siteplan.shipped import door_path

    if options.parcels is not None:
        from pathlib import Path

        from siteplan.io import read_parcels

        chosen = Path(options.parcels).resolve()
        read_parcels(chosen)  # a file that cannot be read is refused here, not in the browser
        os.environ["SITEPLAN_PARCELS"] = str(chosen)
    _choose_store(options.store)
    door = door_path()
    say(f"siteplan {__version__}: http://{options.host}:{options.port}")
    sys.stdout.flush()
    arguments = [
        sys.executable, "-m", "streamlit", "run", str(door),
        "--server.port", str(options.port), "--server.address", options.host,
    ]  # fmt: skip
    try:
        # Streamlit reads .streamlit/config.toml from its working folder.
        return subprocess.call(arguments, cwd=door.parent)  # noqa: S603 - our own interpreter
    except KeyboardInterrupt:
        return EXIT_FINE


def _choose_store(url: str | None) -> None:
    """Hand the store that was named on to the app; one that cannot be used is refused here.

    One that nobody named is the app's affair: a place that cannot be written to is no reason not
    to start.
    """
    from siteplan.store import STORE_VARIABLE, open_store, store_place

    if url is None and not os.environ.get(STORE_VARIABLE, "").strip():
        return
    place = store_place(url)
    open_store(url).close()
    # The app runs in another folder, where a relative path would be another file.
    os.environ[STORE_VARIABLE] = ":memory:" if place is None else str(place)
