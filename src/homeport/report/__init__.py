"""Model values to text for people and JSON for programs; decides nothing, reads nothing."""
