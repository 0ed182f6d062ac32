"""How does a treatment begin? Enrolment, plan and dry run."""
