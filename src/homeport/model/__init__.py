"""The nouns of Homeport: immutable values, and the errors.

Nothing here knows a clock, a file, a socket or a thread. Facts are `NamedTuple` classes and not
frozen dataclasses, ten times as cheap to define (`benchmarks/decisions.py`): the command has to
start in some 40 ms.
"""
