"""Work outside the request: the worker with its duties, the queue of jobs, and what each kind of job does."""
