"""The rules of care: values in, decisions out; no clock, no rows, no network."""
