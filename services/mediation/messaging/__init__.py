"""Events out and in, and the jobs that follow a commit."""
