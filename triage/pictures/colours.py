"""Colours of pictures: told apart under every kind of colour blindness, and in grey print.

Okabe & Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

NOW = "#0072B2"
RISING = "#D55E00"
BEFORE = "#B9BEC5"
INK = "#1F2328"
SOFT = "#656D76"
LINE = "#8C959F"

SERIES = (NOW, "#E69F00", "#009E73", "#CC79A7", "#56B4E9", RISING, "#F0E442", "#999999")
"""For series that stand beside or on each other, in this order."""
