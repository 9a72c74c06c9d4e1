"""Pages: each draws the state and sends events; no logic lives here."""
