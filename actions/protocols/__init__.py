"""By which rules is somebody treated? Versions of protocols, what a course adopts, and what is changed for one alone."""
