"""Live facts: what each host is and holds, read over one connection a host in previews and updates alike."""
