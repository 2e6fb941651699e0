"""A report as a file: a workbook, a page for the browser, or a letter."""

from __future__ import annotations

from triage.reports.paper.write import ENDINGS, check_paper, write_report

__all__ = ["ENDINGS", "check_paper", "write_report"]
