"""What does the start page of a patient's app say? One plain sentence for each thing that matters now, as a text would say it."""

from collections.abc import Collection
from datetime import datetime

from care.facts import Part, SessionKind, Step, Value
from care.times import local_date
from care.windows import Window, WindowKind
from care.words.texts.dates import Moment, one_full_stop, spoken

ENGLISH = {
    "visit.dosing": "Your visit is {starts.when}.",
    "visit.integration": "Your follow-up visit is {starts.when}.",
    "visit.preparation": "Your first visit is {starts.when}.",
    "visit.consult": "Your visit is {starts.when}.",
    "visit.review": "Your check-in visit is {starts.when}.",
    "visit.arrive": "Please arrive by {arrive.time}.",
    "visit.home": "Please be ready at home from {arrive.time}.",
    "light_food.coming": "Eat only light food from {start.clock} on.",
    "light_food.now": "Eat only light food until your visit.",
    "no_food.coming": "Stop eating at {start.clock}.",
    "no_food.now": "Nothing to eat until your visit.",
    "clear_drinks.coming": "Only water or other clear drinks from {start.clock} on.",
    "clear_drinks.now": "Only water or other clear drinks until your visit.",
    "no_drinks.coming": "Nothing to drink from {start.clock} on.",
    "no_drinks.now": "Nothing to drink until your visit.",
    "alcohol.coming": "No alcohol from {start.clock} until {end.when}.",
    "alcohol.now": "No alcohol until {end.when}.",
    "observation.coming": "You stay with us from {start.time} to {end.time}.",
    "observation.now": "Please rest until {end.time}.",
    "observation_home.coming": "Your support person is with you from {start.time} to {end.time}.",
    "observation_home.now": "Please rest at home until {end.time}.",
    "driving.coming": "No driving from {start.clock} until {end.when}.",
    "driving.now": "No driving until {end.when}.",
    "integration.coming": "Best time for your follow-up visit: from {start.when} to {end.when}.",
    "integration.now": "Now is the best time for your follow-up visit, until {end.when}.",
    "ask.attendance": "Can you make it on {starts.day}?",
    "ask.transport": "Do you have a ride home on {starts.day}?",
    "ask.ride_today": "Is a ride home set for today?",
    "ask.support": "Is your support person coming on {starts.day}?",
    "ask.present": "Is your support person with you?",
    "ask.new_time": "Is {starts.when} OK for you?",
    "ask.safety_evening": "How are you after your visit on {starts.day}?",
    "ask.safety_next_day": "How are you today, after your visit on {starts.day}?",
    "ask.integration": "When would you like your follow-up visit?",
    "wait.support": "Your support person has not confirmed {starts.day} yet.",
    "wait.present": "Your support person has not said that they are there.",
}  # fmt: skip

SPANISH = {
    "visit.dosing": "Su visita es el {starts.when}.",
    "visit.integration": "Su visita de seguimiento es el {starts.when}.",
    "visit.preparation": "Su primera visita es el {starts.when}.",
    "visit.consult": "Su visita es el {starts.when}.",
    "visit.review": "Su visita de control es el {starts.when}.",
    "visit.arrive": "Por favor llegue antes de {arrive.time}.",
    "visit.home": "Por favor espere en casa desde {arrive.time}.",
    "light_food.coming": "Coma solo algo ligero desde {start.clock}.",
    "light_food.now": "Coma solo algo ligero hasta su visita.",
    "no_food.coming": "Deje de comer a {start.clock}.",
    "no_food.now": "Nada de comer hasta su visita.",
    "clear_drinks.coming": "Solo agua u otras bebidas claras desde {start.clock}.",
    "clear_drinks.now": "Solo agua u otras bebidas claras hasta su visita.",
    "no_drinks.coming": "Nada de beber desde {start.clock}.",
    "no_drinks.now": "Nada de beber hasta su visita.",
    "alcohol.coming": "Nada de alcohol desde {start.clock} hasta el {end.when}.",
    "alcohol.now": "Nada de alcohol hasta el {end.when}.",
    "observation.coming": "Se queda con nosotros desde {start.time} hasta {end.time}.",
    "observation.now": "Por favor descanse hasta {end.time}.",
    "observation_home.coming": "Su persona de apoyo le acompaña desde {start.time} hasta {end.time}.",
    "observation_home.now": "Por favor descanse en casa hasta {end.time}.",
    "driving.coming": "No maneje desde {start.clock} hasta el {end.when}.",
    "driving.now": "No maneje hasta el {end.when}.",
    "integration.coming": "El mejor momento para su visita de seguimiento: del {start.when} al {end.when}.",
    "integration.now": "Ahora es el mejor momento para su visita de seguimiento, hasta el {end.when}.",
    "ask.attendance": "¿Puede asistir el {starts.day}?",
    "ask.transport": "¿Tiene quien le lleve a casa el {starts.day}?",
    "ask.ride_today": "¿Ya tiene quien le lleve a casa hoy?",
    "ask.support": "¿Viene su persona de apoyo el {starts.day}?",
    "ask.present": "¿Está con usted su persona de apoyo?",
    "ask.new_time": "¿Le queda bien el {starts.when}?",
    "ask.safety_evening": "¿Cómo se siente después de su visita del {starts.day}?",
    "ask.safety_next_day": "¿Cómo se siente hoy, después de su visita del {starts.day}?",
    "ask.integration": "¿Cuándo quiere su visita de seguimiento?",
    "wait.support": "Su persona de apoyo aún no ha confirmado el {starts.day}.",
    "wait.present": "Su persona de apoyo aún no ha dicho que está presente.",
}  # fmt: skip

WORDS = {"en": ENGLISH, "es": SPANISH}
SAFETY = frozenset({Step.SAFETY_EVENING, Step.SAFETY_NEXT_DAY})
THEIRS = frozenset({Step.SUPPORT, Step.PRESENT})  # only the support person's own word counts


def say_visit(
    kind: SessionKind, starts_at: datetime, arrive_at: datetime | None, *, at_home: bool, zone: str, language: str
) -> str:
    """When it is, and from when to be there."""
    said = [_say(f"visit.{kind}", language, zone, starts=starts_at)]
    if arrive_at is not None:
        said.append(_say("visit.home" if at_home else "visit.arrive", language, zone, arrive=arrive_at))
    return " ".join(said)


def say_window(
    window: Window, beside: Collection[WindowKind], *, at_home: bool, now: datetime, zone: str, language: str
) -> str:
    """What not to do, or to do, in this window. `beside`: the kinds of the same session; a clock's meaning hangs on them."""
    when = "now" if window.start <= now else "coming"
    key = f"{_called(window.kind, beside, at_home=at_home)}.{when}"
    return _say(key, language, zone, start=window.start, end=window.end)


def _called(kind: WindowKind, beside: Collection[WindowKind], *, at_home: bool) -> str:
    """The first of two clocks leaves something that the second takes away."""
    match kind:
        case WindowKind.SOLIDS:
            return "light_food" if WindowKind.LIGHT_MEAL in beside else "no_food"
        case WindowKind.LIGHT_MEAL:
            return "no_food"
        case WindowKind.ANY_LIQUID:
            return "clear_drinks" if WindowKind.CLEAR_LIQUID in beside else "no_drinks"
        case WindowKind.CLEAR_LIQUID:
            return "no_drinks"
        case WindowKind.OBSERVATION if at_home:
            return "observation_home"
        case _:
            return kind.value


def say_step(step: Step, whose: Part, starts_at: datetime | None, zone: str, language: str) -> str:
    """The step as a question to the patient; of what the support person has to say, that it is awaited."""
    key = f"wait.{step}" if whose is Part.SUPPORT else f"ask.{step}"
    return _say(key, language, zone, **({"starts": starts_at} if starts_at else {}))


def answers_to(step: Step, whose: Part) -> tuple[Value, ...]:
    """What the patient's app may answer; nothing where somebody else's own word is needed."""
    if step in SAFETY:
        return (Value.YES, Value.NO, Value.CALL, Value.URGENT)
    if step is Step.INTEGRATION:  # its yes is a booking
        return (Value.NO, Value.CALL)
    return (Value.NO, Value.CALL) if step in THEIRS or whose is Part.SUPPORT else (Value.YES, Value.NO, Value.CALL)


def is_on(at: datetime, today: datetime, zone: str) -> bool:
    return local_date(at, zone) == local_date(today, zone)


def _say(key: str, language: str, zone: str, **at: datetime) -> str:
    language = spoken(language)
    moments = {name: Moment(instant, zone, language) for name, instant in at.items()}
    words = WORDS[language][key]
    return one_full_stop(words.format(**moments))
