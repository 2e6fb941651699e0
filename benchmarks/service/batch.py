"""A file of suggestions as a job: from handing it in until the whole result has been fetched."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import httpx

from benchmarks.service.servers import Server

PAUSE = 0.2
"""Seconds between two looks at the job."""


def measure(server: Server, texts: Sequence[str]) -> dict[str, Any]:
    """How many rows, and the seconds they took. Raises RuntimeError where the job does not end well."""
    lines = [json.dumps({"id": str(number), "text": text}, ensure_ascii=False) for number, text in enumerate(texts)]
    files = {"file": ("batch.jsonl", "\n".join(lines).encode())}
    with httpx.Client(base_url=server.address, headers=server.headers, timeout=60, trust_env=False) as client:
        began = time.perf_counter()
        job = client.post("/v1/jobs", data={"kind": "triage"}, files=files).raise_for_status().json()
        while job["state"] in {"queued", "running"}:
            time.sleep(PAUSE)
            job = client.get(f"/v1/jobs/{job['id']}").raise_for_status().json()
        if job["state"] != "done" or job["failures"]:
            raise RuntimeError(f"the batch ended as {job['state']} with {job['failures']} failures")
        result = client.get(f"/v1/jobs/{job['id']}/result").raise_for_status().text
        rows = len(result.splitlines())
        return {"rows": rows, "seconds": round(time.perf_counter() - began, 1)}
