"""Safety checks: what an update must not do to an existing cluster, found before anything is registered."""
