"""Examples of jobs, for the OpenAPI document; a test sends them."""

from __future__ import annotations

from typing import Any

_DONE: dict[str, Any] = {
    "id": "5f0c2a9be1d34c77a1b2c3d4",
    "kind": "triage",
    "state": "done",
    "done": 640,
    "total": 640,
    "failures": 0,
    "cancelling": False,
    "name": "十八届四次.xlsx",
    "confidential": False,
    "created_at": "2025-02-18T08:31:07.214000Z",
    "started_at": "2025-02-18T08:31:07.480000Z",
    "finished_at": "2025-02-18T08:31:29.912000Z",
    "result": "/v1/jobs/5f0c2a9be1d34c77a1b2c3d4/result",
    "problem": None,
}
QUEUED = _DONE | {"state": "queued", "done": 0, "total": 0, "started_at": None, "finished_at": None, "result": None}
RUNNING = _DONE | {"state": "running", "done": 128, "finished_at": None, "result": None}
DONE = _DONE
CANCELLED = QUEUED | {"state": "cancelled", "cancelling": True, "finished_at": "2025-02-18T08:31:09.100000Z"}
LISTED = {"jobs": [DONE], "next": None}
ON_MEMORY: dict[str, Any] = {
    "groups": {
        "summary": "Merges among the open suggestions",
        "value": {"kind": "groups", "filter": {"state": ["open"]}},
    },
    "report": {
        "summary": "The overview as a workbook",
        "value": {"kind": "report", "options": {"report": "overview", "format": "xlsx"}},
    },
    "drawn": {
        "summary": "The overview as JSON, for a page to draw",
        "value": {"kind": "report", "options": {"report": "overview", "format": "json"}},
    },
    "sheet": {
        "summary": "The meeting sheet (交办表) of what is open",
        "value": {"kind": "sheet", "filter": {"state": ["open"]}},
    },
    "triage": {
        "summary": "Answer what is open, and keep the answers",
        "value": {"kind": "triage", "filter": {"state": ["open"]}, "options": {"store": True}},
    },
}
UPLOADED: dict[str, Any] = {
    "file": {
        "summary": "Advice for a file",
        "value": {
            "kind": "triage",
            "options": '{"store": true}',
            "file": "编号,标题\nRD2025-031,关于增设公交站点的建议\n",
        },
    }
}
EVENTS = (
    "id: running.128\nevent: progress\n"
    'data: {"id": "5f0c2a9be1d34c77a1b2c3d4", "state": "running", "done": 128, "total": 640, "failures": 0}\n\n'
    "id: done.640\nevent: finished\n"
    'data: {"id": "5f0c2a9be1d34c77a1b2c3d4", "state": "done", "done": 640, "total": 640, "failures": 0}\n\n'
)
