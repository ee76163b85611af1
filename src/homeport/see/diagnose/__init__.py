"""Why a service does not answer: what was observed, the rules that judge it, and one conclusion."""
