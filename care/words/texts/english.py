"""What do the texts say in English?

A phrase that support persons hear in other words has a second key ending in `.support`. Moments offer `.when` (date and time),
`.clock` (time and weekday), `.day` and `.time`.
"""

ENGLISH = {
    # The frame of every message.
    "opening": "{clinic}:",
    "for.patient": "For you:",
    "for.support": "For your support person:",
    "times_are": "Times are {zone}.",
    "first": (
        "Texts about visits: frequency may vary, message and data rates may apply. Reply HELP for help, STOP "
        "to end texts. In an emergency call {emergency}; in a crisis call or text {crisis_line}."
    ),
    "and": " and ",
    # What a session is called; its kind is nobody else's business.
    "noun.consult": "visit",
    "noun.preparation": "first visit",
    "noun.dosing": "visit",
    "noun.integration": "follow-up visit",
    "noun.review": "check-in visit",
    "owned": "your {noun}",
    "owned.support": "{patient}'s {noun}",
    "owned.nameless": "the {noun}",
    "all_owned": "your visits",
    "all_owned.support": "{patient}'s visits",
    "all_owned.nameless": "the visits",
    # Notices: what was booked, moved or taken off.
    "booked": "{visit} is booked for {starts_at.when}.",
    "booked.many": "{visits} are booked: {list}.",
    "booked.then": "Need a change? Call {phone}.",
    "moved": "{visit} on {was.day} moved to {starts_at.when}.",
    "moved.same_day": "{visit} on {was.day} moved from {was.time} to {starts_at.time}.",
    "moved.unknown_before": "{visit} is now {starts_at.when}.",
    "moved.many": "{visits} moved: {list}.",
    "moved.item": "{was.when} is now {starts_at.when}",
    "moved.then": "Old prep times no longer apply.",
    "off": "{visit} on {was.when} is cancelled.",
    "off.unknown_before": "{visit} is cancelled.",
    "off.many": "These visits are cancelled: {list}.",
    "postponed": "{visit} on {was.when} is postponed.",
    "postponed.unknown_before": "{visit} is postponed.",
    "postponed.many": "These visits are postponed: {list}.",
    "sent_home": "No treatment today; {patient} can be picked up now. Questions? Call {phone}.",
    "sent_home.nameless": "No treatment today; the person you support can be picked up now. Questions? Call {phone}.",
    "off.then": "You do not need to prepare for it. Questions? Call {phone}.",
    "off.then.many": "Questions? Call {phone}.",
    "off.then.support": "You do not need to come. Questions? Call {phone}.",
    "item": "{moment} ({noun})",
    # A visit ahead: when, what to do before, what is asked.
    "lead": "{visit} is {starts_at.when}.",
    "lead.short": "Visit {starts_at.when}.",
    "lead.today": "{visit} is today, {starts_at.when}.",
    "lead.arrive": "{visit} is {starts_at.when}; please arrive by {arrive_at.time}.",
    "lead.arrive.support": "{visit} is {starts_at.when}; please be there by {arrive_at.time}.",
    "lead.home": "{visit} at home starts {starts_at.when}; be ready with your support person from {arrive_at.time}.",
    "lead.home_support": "{visit} is {starts_at.when}; please be with {patient} by {arrive_at.time}.",
    "lead.present": "{visit} starts at {starts_at.clock}.",
    "no_alcohol_now": "No alcohol from now on.",
    "no_alcohol_begun": "No alcohol now, until {until.when}.",
    "no_alcohol_from": "No alcohol from {alcohol_from.clock}.",
    "no_alcohol": "No alcohol from {from_at.clock} until {until.clock}.",
    "no_alcohol.alone": "Please have no alcohol from {from_at.when} until {until.when}. Questions? Call {phone}.",
    "steps": "{steps}.",
    "please": "please {steps}.",
    "light_food": "eat only light food from {clock}",
    "no_food": "stop eating at {clock}",
    "clear_drinks": "only water or other clear drinks from {clock}",
    "no_drinks": "nothing to drink from {clock}",
    "light_food.past": "only light food since {clock}",
    "no_food.past": "no food since {clock}",
    "clear_drinks.past": "only water or other clear drinks since {clock}",
    "no_drinks.past": "nothing to drink since {clock}",
    "medicines": "Medicines: as your clinician told you.",
    "plan_ride": "Plan a ride.",
    "running_late": "Running late? Call {phone}.",
    "not_driving": "Please do not drive yourself.",
    "not_heard": "Your support person has not confirmed yet. Please check with them, or call us at {phone}.",
    "declined": "Your support person cannot be there. Please ask someone else and call us at {phone}.",
    "question": "{asks}?",
    "asked_of": "{asks} on {starts_at.day}",
    "ask.attendance": "can you make it",
    "ask.ride": "do you have a ride home",
    "ask.ride_today": "is a ride home set",
    "ask.support": "is your support person coming",
    "ask.support.support": "can you be there",
    "ask.present.support": "are you there now",
    "ask.new_time": "is {days} OK",
    "ask.new_times": "are {days} OK",
    "reply": "Reply 1 yes, 2 problem, 3 call me.",
    "reply.all": "Reply 1 all yes, 2 problem, 3 call me.",
    # The support person.
    "invite.support": (
        "{patient} named you as support person: the adult who is there during a visit and after it. May we "
        "text you the times?"
    ),
    "invite.nameless": (
        "You were named as someone's support person: the adult who is there during a visit and after it. May "
        "we text you the times?"
    ),
    "invite.link": "More: {link}",
    "invite.reply": "Reply 1 yes, 2 no, 3 call me.",
    "invite.declined": (
        "The person you named as support person cannot do it. Please call us at {phone} to name someone else."
    ),
    "invite.not_heard": (
        "Your support person has not answered our invitation yet. Please check with them, or call us at "
        "{phone} to name someone else."
    ),
    # After a visit.
    "after": "You are done for today: {rules}.",
    "after.changed": "A time has changed: {rules}.",
    "after.support": "{patient} should not {rules}.",
    "after.nameless": "The person you support should not {rules}.",
    "after.join": ", ",
    "after.join.support": ", or ",
    "after.driving": "no driving until {until}",
    "after.driving.support": "drive until {until}",
    "after.alcohol": "no alcohol until {until}",
    "after.alcohol.support": "drink alcohol until {until}",
    "after.stay": "Your support person stays with you until {stay_until.time}.",
    "after.stay.support": "Please stay until {stay_until.time}.",
    "after.worried": "Worried? Call {phone} or {emergency}.",
    "safety_check": (
        "How are you after your visit on {starts_at.day}? Reply 1 OK, 2 want a call, 3 urgent. In an "
        "emergency call {emergency}."
    ),
    "integration_book": (
        "Choose your follow-up visit, best {window_from.day} to {window_until.day}: {link} or reply 3 for a call."
    ),
    "integration_book.call": (
        "Time for your follow-up visit, best from {window_from.day} to {window_until.day}. Reply 3 and we "
        "call you to find a time."
    ),
    "integration_remind": "Your follow-up visit is {starts_at.when}. If that no longer works, call {phone}.",
    # What is said back.
    "crisis_text": (
        "If you or someone else is in danger, call {emergency} now or go to the nearest emergency room. You "
        "can call or text {crisis_line} any time, day or night, to talk with someone. Please do not wait for "
        "us. Our number is {phone}."
    ),
    "help_text": (
        "Texts about visits. Questions, or no longer want these texts? Call {phone}. Emergency: {emergency}. "
        "Crisis: call or text {crisis_line}."
    ),
    "opted_in_text": "Texts about visits are on again. Questions? Call {phone}.",
    "moved_answer": "That answer was for {was.when}.",
    "moved_answer.now": "{visit} is now {starts_at.when}.",
    "moved_answer.off": "{visit} is now cancelled; there is nothing you need to do.",
    "unclear_answer": (
        "Thank you. A person will read your text. If it cannot wait, call {phone}; in an emergency {emergency}; in a "
        "crisis call or text {crisis_line}."
    ),
    "thanks_answer": "Thank you, we have your answer.",
    "call_answer": "Thank you for telling us. We will call you. If it cannot wait, call {phone}.",
    "login_code": "{code} is your code. It works once and not for long. We never ask you for it.",
}
