"""What a listener speaks: who is suspected, what is said to it, what follows from the answers."""
