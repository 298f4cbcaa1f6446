"""What hosts need before Deephaven is configured: packages, monit, mounts, accounts, the RPM."""
