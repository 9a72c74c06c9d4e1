"""What stops the work: a few exceptions, each carrying a sentence that names the fix.

Infeasible programmes are values (`Plan.status`), not exceptions. Findings about
single parcels are `siteplan.issues.Issue`. Only broken input and wrong use raise.
"""

from __future__ import annotations

from siteplan.text import Text


class SiteplanError(Exception):
    """Base of all errors that a person can do something about.

    Parameters
    ----------
    text : Text
        What is wrong and what to do, one or two sentences; rendered in any language.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.render("en"))
        self.text = text


class InputError(SiteplanError):
    """A file or a value that was handed in cannot be used (exit code 1)."""


class UsageError(SiteplanError):
    """The program was called in a way that it does not offer (exit code 2)."""
