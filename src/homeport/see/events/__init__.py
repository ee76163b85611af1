"""What happens over time: watching listeners come and go, recording it, and asking later."""
