"""How fast is Steadfast, beside what one would otherwise write?

`python -m bench [NAME ...] [--json]`. A module here declares its benches with `bench.harness.bench`; contestants are measured
side by side in the same run, round by round, and nothing is called met that was not run.
"""
