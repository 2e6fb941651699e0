"""Label audit: what in a file of handled cases is likely wrong or inconsistent, and a sheet to correct it.

`audit` finds (`check_cleanlab`: whether it can), `workbook` writes the sheet, `read_corrections` reads it back, and
`corrected` applies it to the file.
"""

from __future__ import annotations

from triage.learning.audit.casefile import CaseFile
from triage.learning.audit.corrected import Change, Corrected, corrected
from triage.learning.audit.corrections import Correction, read_corrections
from triage.learning.audit.doubts import check_cleanlab
from triage.learning.audit.findings import Audit, Finding, Kind
from triage.learning.audit.run import audit
from triage.learning.audit.workbook import workbook

__all__ = [
    "Audit",
    "CaseFile",
    "Change",
    "Corrected",
    "Correction",
    "Finding",
    "Kind",
    "audit",
    "check_cleanlab",
    "corrected",
    "read_corrections",
    "workbook",
]
