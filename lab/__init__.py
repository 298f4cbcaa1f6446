"""The lab: disposable hosts, a stand-in for the licensed product, and the engine where it cannot be downloaded."""
