"""What would everybody hear, and when, if a whole course went as planned and every question were answered?

The dry run of a course, by the very rules of a real one: reminders, notices and pacing decide, the texts are composed in
full. Its steps, which a simulation with a real dispatcher follows too:

1. Time jumps to the next moment at which something happens: a planned arrival, dose or end; a text that is due or was
   held until then; the moment at which an unanswered question becomes a task.
2. At that moment first what happens, in the order of the sessions' times.
3. Then claims, one contact at a time in the order of their ids, until nobody has anything due. Every text is answered at
   once, and what an answer changes is due in the same moment.
4. A yes to the offer of an integration session books it: by default for when its window opens.
5. What had no lawful moment left when it was first needed is never said: it is a task at once.
6. Last, questions that are still unanswered at their moment become tasks.
"""

from care.rehearse.stepping import rehearse
from care.rehearse.values import Rehearsal, Rehearsed, RehearsedGate, RehearsedTask, Unsaid
from care.rehearse.world import always_yes, booked, when_the_window_opens

__all__ = [
    "Rehearsal",
    "Rehearsed",
    "RehearsedGate",
    "RehearsedTask",
    "Unsaid",
    "always_yes",
    "booked",
    "rehearse",
    "when_the_window_opens",
]
