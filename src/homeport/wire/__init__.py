"""Bytes and text to model values and back; opens nothing, knows no clock and no thread."""
