"""Fixtures of shop.py."""

from shop import export  # noqa: F401
