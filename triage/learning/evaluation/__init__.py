"""Honest evaluation: how good the answers are on cases that were not learned from, how sure that is, and what it means
for the office. docs/evaluation.md has the report.
"""

from __future__ import annotations

from triage.learning.evaluation.asking import Answers, Scored, ask
from triage.learning.evaluation.backtesting import Make, backtest, evaluate, evaluate_by_folds, evaluate_by_time
from triage.learning.evaluation.copies import copy_groups
from triage.learning.evaluation.intervals import Resampling
from triage.learning.evaluation.reporting import Terms, report, write_json
from triage.learning.evaluation.returns import Costs
from triage.learning.evaluation.splits import Period, Split, by_time, grouped_folds

__all__ = [
    "Answers",
    "Costs",
    "Make",
    "Period",
    "Resampling",
    "Scored",
    "Split",
    "Terms",
    "ask",
    "backtest",
    "by_time",
    "copy_groups",
    "evaluate",
    "evaluate_by_folds",
    "evaluate_by_time",
    "grouped_folds",
    "report",
    "write_json",
]
