"""Every step's script on a lab host with stubbed vendor scripts."""
