"""What somebody would write without this service: one endpoint that calls the library, in one process under uvicorn.

``python -m benchmarks.service.plain BUNDLE INDEX PORT [ENCODER]``
"""

from __future__ import annotations

import sys
import time
from typing import Any

import uvicorn
from fastapi import FastAPI, Response

from triage import Suggestion, Triager


def application(bundle: str, index: str, encoder: str | None = None) -> FastAPI:
    """Load the model and the index, and answer in the framework's threads."""
    triager = Triager.load(bundle, encoder)
    history = triager.index(index)
    triager.triage([Suggestion(title="路灯不亮")], history=history)
    app = FastAPI()

    @app.get("/v1/ready")
    def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post("/v1/triage")
    def triage(body: dict[str, Any], response: Response) -> dict[str, Any]:
        began = time.perf_counter()
        asked = [Suggestion(**suggestion) for suggestion in body["suggestions"]]
        found = [one.to_dict() for one in triager.triage(asked, history=history)]
        response.headers["Server-Timing"] = f"work;dur={(time.perf_counter() - began) * 1000:.2f}"
        return {"results": found}

    return app


if __name__ == "__main__":
    model, history, port, *more = sys.argv[1:]
    uvicorn.run(application(model, history, *more), port=int(port), access_log=False, log_level="warning")
