"""Which models are in memory when not all fit: loaded in turn, so that every pair can meet.

policy   pure: what to load and what to evict, given what is there and what is in use
claims   who uses a model now: streams in flight, and battles that are still open
view     the machine's memory as other programs have left it
driver   carries the steps out, one load at a time
"""

from arena.inference.lifecycle.driver import Lifecycle
from arena.inference.lifecycle.ports import LifecycleTimings, Loadable

__all__ = ["Lifecycle", "LifecycleTimings", "Loadable"]
