"""Deployments onto lab hosts with the real engine."""
