"""Who is treated, how, and who stands by them? Patients, courses with their dry runs and import, support people."""

from api.routes.courses import enrolling, importing, patients, rehearsing
from api.routes.courses.noun import courses

__all__ = ["courses", "enrolling", "importing", "patients", "rehearsing"]
