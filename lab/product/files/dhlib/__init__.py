"""The stand-in's services and tools; made from the public guide, holding nothing of the vendor's."""
