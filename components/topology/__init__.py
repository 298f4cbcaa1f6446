"""What a cluster is and what is to be done on it: pure, without Pulumi and without connections."""
