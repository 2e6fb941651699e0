"""The meeting sheet (交办表): one workbook that the clerk takes to the meeting, and that is learned from afterwards.

`write_meeting` makes it from suggestions and their answers; `read_meeting` reads it back with what was decided;
`Meeting.cases` are the cases to learn from, `meeting_figures` says how far the suggestions were followed.
"""

from __future__ import annotations

from triage.meeting.decided import Decided, Meeting, Suggested
from triage.meeting.figures import Followed, MeetingFigures, meeting_figures
from triage.meeting.read import is_meeting, read_meeting
from triage.meeting.save import write_decided
from triage.meeting.write import check_meeting_target, meeting_sheets, write_meeting

__all__ = [
    "Decided",
    "Followed",
    "Meeting",
    "MeetingFigures",
    "Suggested",
    "check_meeting_target",
    "is_meeting",
    "meeting_figures",
    "meeting_sheets",
    "read_meeting",
    "write_decided",
    "write_meeting",
]
