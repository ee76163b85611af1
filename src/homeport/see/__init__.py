"""Looking: snapshots and what follows from them. Nothing here changes the machine."""
