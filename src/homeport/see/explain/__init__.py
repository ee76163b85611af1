"""All that is known of one endpoint: what it means, who has it, and what to do next."""
