"""Live facts about each host, read over one connection per host in every preview and update."""
