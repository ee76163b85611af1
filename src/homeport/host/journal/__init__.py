"""The history on disk: one SQLite file, written by the watcher, read by everybody else."""
