"""What happens inside a worker process: trials are asked about, run, and judged."""
