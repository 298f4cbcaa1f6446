"""Host prerequisites and the product: packages, monit, mounts, accounts, the RPM."""
