"""What an update would do to a cluster that is there: what must not be done, judged before anything is registered."""
