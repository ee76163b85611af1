"""The only room that touches the operating system; here OSError becomes a HomeportError."""
