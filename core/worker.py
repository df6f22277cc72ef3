"""The worker: does the jobs that are due, and what must happen without anybody asking."""
