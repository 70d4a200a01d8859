"""Whether a model gives good replies: its last failure, when it is left out, how it comes back.

circuit_breaker  pure: counts broken replies in a row, and when the model is asked again
replies          what makes a whole reply good: text, and no control tokens in it
model_health     all of it together, for the pool
short_chat       the question that a model must answer before it is drawn again
"""

from arena.inference.health.circuit_breaker import BreakerTimings
from arena.inference.health.model_health import ModelHealth

__all__ = ["BreakerTimings", "ModelHealth"]
