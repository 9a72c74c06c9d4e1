"""What went wrong with the service, in plain words.

`Passing` is a fault that may be gone in a moment and is tried again; `Refusal` is an answer that
would be the same the next time.
"""

from __future__ import annotations

from siteplan.errors import InputError
from siteplan.text import N_, Text, sentence

KEY_REFUSALS: dict[str, str] = {
    "INVALID_KEY": N_(
        "The service does not know this key (INVALID_KEY). Check it for typing errors and "
        "whether it has expired: keys for development last three months."
    ),
    "INCORRECT_KEY": N_(
        "The key does not fit what it was registered for (INCORRECT_KEY). Give the domain "
        "(--domain) exactly as it stands in the key's registration."
    ),
    "UNAVAILABLE_KEY": N_(
        "The service does not let this key be used at present (UNAVAILABLE_KEY). Look at the "
        "key's state in your VWorld account."
    ),
    "OVER_REQUEST_LIMIT": N_(
        "The key's number of requests is used up (OVER_REQUEST_LIMIT). Run it again when the "
        "count has started anew; replies that are kept are not asked for again."
    ),
}
"""Codes about the key, met in replies of the service: nothing else can be fetched either.

INVALID_KEY is verified; the others are as public clients of the service name them (unverified).
"""

PASSING_CODES = ("SYSTEM_ERROR", "UNKNOWN_ERROR")
"""Codes that say the service has trouble of its own (from memory, unverified)."""

TOO_LARGE_CODES = ("INVALID_RANGE",)
"""Codes for a value out of its range; asked with a box, it is tried in quarters (unverified)."""

_SHOWN = 200


class Passing(Exception):  # noqa: N818 - no error of a person or a program
    """A fault that may pass: worth trying again.

    Parameters
    ----------
    reason : Text
        What happened, a part of a sentence.
    retry_after_s : float or None
        How long the service asks us to wait.
    """

    def __init__(self, reason: Text, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason.render("en"))
        self.reason = reason
        self.retry_after_s = retry_after_s


class Refusal(InputError):  # noqa: N818 - an answer, told apart from faults
    """The service refuses the request.

    Parameters
    ----------
    code : str
        As the service names it.
    message : str
        The service's own text.
    """

    def __init__(self, code: str, message: str) -> None:
        code, message = _plain(code), _plain(message)
        if code in KEY_REFUSALS:
            text = Text(KEY_REFUSALS[code])
        else:
            text = sentence(
                "The service refuses the request ({code}): {message}",
                code=code or "?",
                message=message or "–",
            )
        super().__init__(text)
        self.code = code

    @property
    def is_about_the_key(self) -> bool:
        """Whether every other request would be refused too."""
        return self.code in KEY_REFUSALS


def given_up(reason: Text, *, tries: int, kept: int | None) -> InputError:
    """Return the error after the last try, which says what was kept.

    Parameters
    ----------
    reason : Text
    tries : int
    kept : int or None
        Replies in the cache; None where there is no cache.
    """
    after = (
        sentence("Nothing was kept, as there is no cache.")
        if kept is None
        else sentence("{kept} replies are kept; run it again and it goes on from there.", kept=kept)
    )
    return InputError(
        sentence(
            "The service failed {tries} times ({reason}). It answers like this under load and to "
            "addresses outside Korea: try later, from a Korean network. {after}",
            tries=tries,
            reason=reason,
            after=after,
        )
    )


def _plain(text: str) -> str:
    """Return foreign text on one line, without control characters, of a length to be read."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
