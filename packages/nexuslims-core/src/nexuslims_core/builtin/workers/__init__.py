"""Worker processes: a queue of tasks, and a thread and a link for each process.

A library's pool would do, but those at hand have all workers share one pipe and its
lock, which a worker that is killed at the wrong moment keeps for good, take a worker
that leaves with exit code 0 for one at work, and cannot replace one that has grown.
"""
