"""Is nothing promised twice, whoever is quicker? Real server processes, real client processes, and SQL as the judge."""
