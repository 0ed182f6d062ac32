"""What happens to one session? It is offered, held, booked, moved, confirmed, attended or ended."""
