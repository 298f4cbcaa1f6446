"""The fake product's services and tools, written from the public guide only, without anything of the vendor's."""
