"""What every request passes before an endpoint sees it: the log, the body, the limits, the queue."""
