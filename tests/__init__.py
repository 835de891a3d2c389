"""The tests of dllguard."""
