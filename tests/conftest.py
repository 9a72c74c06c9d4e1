"""Settings and small studies that many tests share."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Machines differ in speed; timings live in tests/bench. Derandomised in CI: a red run stays red.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")
