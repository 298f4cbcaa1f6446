"""The lab: disposable hosts, a fake of the licensed product, and the engine where it cannot be downloaded."""
