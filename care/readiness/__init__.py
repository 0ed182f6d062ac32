"""Can this session go ahead: ready, waiting or not ready, with what is missing, who must act, and by when?"""

from care.readiness.judging import hard_gates_open, judge
from care.readiness.said import opens_its_gate
from care.readiness.values import Readiness, State, StepState, Verdict

__all__ = ["Readiness", "State", "StepState", "Verdict", "hard_gates_open", "judge", "opens_its_gate"]
