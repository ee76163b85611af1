"""The causes: one file each, which defines `RULE` and is found by being here."""
