"""The version, printed on every export and part of every scenario id."""

__version__ = "0.1.0"
