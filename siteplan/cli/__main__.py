"""``python -m siteplan.cli``."""

from siteplan.cli import main

raise SystemExit(main())
