"""The version of rel whose interface this is."""
__version__ = "0.4.9.27"
