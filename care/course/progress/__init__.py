"""How far is a course? Its phases, the looks that it calls for, and what it lacks ahead."""
