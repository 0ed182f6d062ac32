"""How is a refusal said to the person who hears it? One sentence for every code, in their language, with times to act on.

A part in brackets is left out where its data is not known.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from care.refusals import Code, Refusal
from care.words.texts.dates import Moment, one_full_stop, spoken

ENGLISH = {
    Code.TOO_SOON: (
        "That is too close to another visit[, on {neighbour.when}][; it can be from {earliest.when} on]"
        "[; it can be until {latest.when}]."
    ),
    Code.TOO_MANY_IN_COURSE_WEEK: "There are already as many visits as allowed[: {most} from {from_on} to {until_on}].",
    Code.TOO_MANY_IN_SEVEN_DAYS: (
        "There are already as many visits as is usual in seven days[: {most} from {from_on} to {until_on}]."
    ),
    Code.OUTSIDE_SPAN: "This visit does not fit on that day[; it can be from {earliest_on} to {latest_on}].",
    Code.OUTSIDE_INTEGRATION_WINDOW: (
        "This follow-up visit does not fit at that time[; it can be from {from.when} to {until.when}]."
    ),
    Code.DOSE_UNBOOKED: "The visit that this one follows has no time yet.",
    Code.DAY_OUT_OF_RANGE: "That day does not fit[; it can be from {from_on} to {until_on}].",
    Code.OUT_OF_ORDER: "Visits have to keep their order[, and visit {number} is on {other.when}].",
    Code.IN_THE_PAST: "That time has passed[: {starts_at.when}].",
    Code.NOT_YET: "This can only be noted once the visit has started[, on {starts_at.when}].",
    Code.NOT_BOOKABLE: "This visit cannot be booked[: it is {status}].",
    Code.NOT_MOVABLE: "This visit cannot be moved[: it is {status}].",
    Code.NOT_CANCELLABLE: "This visit cannot be cancelled[: it is {status}].",
    Code.OUT_OF_TIME: "It cannot have happened then[; it can be from {not_before.when} to {not_after.when}].",
    Code.GIVEN_TWICE: "Two visits are told for the same day[: {at.when}].",
    Code.MORE_THAN_THE_COURSE: "The course has fewer visits[: {most}, not {given}].",
    Code.REF_TAKEN: "There is a course with this reference already.",
    Code.WRONG_STATUS: "This does not fit the state of the visit[: it is {status}].",
    Code.COURSE_NOT_ACTIVE: "This course is not active[: it is {status}].",
    Code.COURSE_NOT_PAUSED: "Only a course that is paused can go on[; this one is {status}].",
    Code.DOSE_UNDER_WAY: "A visit is under way right now; this has to wait until it is over.",
    Code.REVIEW_OPEN: "Someone clinical has to review the course first[; this has been waiting since {since.when}].",
    Code.ALREADY_DECIDED: "This has already been decided.",
    Code.NOT_A_CHOICE: "The rules of this course do not have that choice; please take one of those it names.",
    Code.NO_NEXT_PHASE: "This part of the course is the last one.",
    Code.NOT_AS_NEEDED: "In this part of the course visits are planned by the clinic; please call if you need one.",
    Code.REQUEST_OPEN: "You have asked already; the clinic will answer.",
    Code.SLOT_TAKEN: "Someone else has just taken this time; please choose another one.",
    Code.SLOT_NOT_OFFERED: "This time is not offered; please choose one of the free times.",
    Code.RESOURCE_MISSING: "Not everything that this visit needs is there then[: {kind} ({why})].",
    Code.PATIENT_BUSY: "There is already a visit at that time[, from {from.when} to {until.when}].",
    Code.INSIDE_FREEZE: "This visit is too near to change it here[, less than {hours} hours away]; please call the clinic.",
    Code.PLAN_IS_STALE: "Something has changed since this preview; please look at the new one.",
    Code.WRONG_SCOPE: "This can be done for one visit at a time here.",
    Code.NOTHING_IN_SCOPE: "There is no visit still to come that this would change.",
    Code.LEAVES_UNPLACED: "Another visit would lose its time[: visit {number}]; please call the clinic.",
    Code.NOT_A_DOSE: "A follow-up visit belongs to a visit of its own course that it follows.",
    Code.ALREADY_THERE: "There is one already[: visit {number}].",
    Code.SAFETY_VERSION_OPEN: "This course has new safety rules[: version {version}]; someone clinical has to look first.",
    Code.NOTHING_CHANGES: "This changes nothing: it is so already.",
    Code.VERSION_SUPERSEDED: "Someone has made a newer version meanwhile[: {version}]; please look at it first.",
    Code.PHASE_NEEDED: "These rules do not have the part that the course is in[: {phase}]; please name one of theirs.",
    Code.OVERRIDES_IN_THE_WAY: "What was changed for this course alone does not go with these rules; please end that first.",
    Code.NOTHING_TO_DECLINE: "There are no new safety rules to decline for this course.",
    Code.ALREADY_ENDED: "This has ended already.",
    Code.GATE_OPEN: "Something has to be confirmed first[: {step}].",
    Code.OBSERVATION_NOT_OVER: "The time of observation is not over yet[: it lasts until {until.when}]; a reason is needed.",
    Code.NO_ON_CALL: "This can be switched on once the clinic has an on-call number.",
    Code.ALREADY_ACTIVE: "This patient already has an active course.",
    Code.ALREADY_ANSWERED: "This has already been answered.",
    Code.VERSION_CHANGED: "This answer is about a time that has changed; please look at the new time.",
    Code.WRONG_CLINICIAN_ROLE: "Someone with another role has to do this.",
    Code.NOTHING_TO_CORRECT: "There is nothing of this kind to correct on this visit.",
    Code.LANES_BOOKED: "More places than that are booked[: {count} visits would lose theirs].",
    Code.STILL_BOOKED: "There are visits booked from then on[: {count} of them].",
    Code.OUTSIDE_NEW_HOURS: "Visits would lie outside these hours[: {count} of them]; say that you know them.",
    Code.HOURS_OVERLAP: "Two of these hours overlap on some dates[: {opens} to {closes} and {other_opens} to {other_closes}].",
    Code.ALREADY_LIFTED: "This closure has been lifted already.",
    Code.NOT_HIT: "This closure does not concern that visit.",
    Code.TOO_MANY_ENDPOINTS: "There are as many addresses as can be[: {most}]; take one off first.",
    Code.ENDPOINT_ENDED: "This address has been taken off[, on {ended_at.when}].",
    Code.IMPOSSIBLE_LOCAL_TIME: "The clocks skip that time that night[: {local}][; the next one is {next.when}].",
    Code.AMBIGUOUS_LOCAL_TIME: "The clocks show that time twice that night[: {local}]; please say which one is meant.",
}
SPANISH = {
    Code.TOO_SOON: (
        "Es demasiado cerca de otra visita[, la del {neighbour.when}][; puede ser desde el {earliest.when}]"
        "[; puede ser hasta el {latest.when}]."
    ),
    Code.TOO_MANY_IN_COURSE_WEEK: "Ya hay tantas visitas como se permite[: {most} del {from_on} al {until_on}].",
    Code.TOO_MANY_IN_SEVEN_DAYS: (
        "Ya hay tantas visitas como es habitual en siete días[: {most} del {from_on} al {until_on}]."
    ),
    Code.OUTSIDE_SPAN: "Esta visita no puede ser ese día[; puede ser del {earliest_on} al {latest_on}].",
    Code.OUTSIDE_INTEGRATION_WINDOW: (
        "Esta visita de seguimiento no puede ser a esa hora[; puede ser desde el {from.when} hasta el {until.when}]."
    ),
    Code.DOSE_UNBOOKED: "La visita a la que sigue esta todavía no tiene hora.",
    Code.DAY_OUT_OF_RANGE: "Ese día no corresponde[; puede ser del {from_on} al {until_on}].",
    Code.OUT_OF_ORDER: "Las visitas tienen que conservar su orden[, y la visita {number} es el {other.when}].",
    Code.IN_THE_PAST: "Esa hora ya pasó[: {starts_at.when}].",
    Code.NOT_YET: "Esto solo se puede anotar cuando haya empezado la visita[, el {starts_at.when}].",
    Code.NOT_BOOKABLE: "Esta visita no se puede reservar[: está {status}].",
    Code.NOT_MOVABLE: "Esta visita no se puede cambiar[: está {status}].",
    Code.NOT_CANCELLABLE: "Esta visita no se puede cancelar[: está {status}].",
    Code.OUT_OF_TIME: "No puede haber ocurrido entonces[; puede ser desde el {not_before.when} hasta el {not_after.when}].",
    Code.GIVEN_TWICE: "Se dan dos visitas para el mismo día[: {at.when}].",
    Code.MORE_THAN_THE_COURSE: "El curso tiene menos visitas[: {most}, no {given}].",
    Code.REF_TAKEN: "Ya hay un curso con esta referencia.",
    Code.WRONG_STATUS: "Esto no corresponde al estado de la visita[: está {status}].",
    Code.COURSE_NOT_ACTIVE: "Este curso no está activo[: está {status}].",
    Code.COURSE_NOT_PAUSED: "Solo puede continuar un curso que está en pausa[; este está {status}].",
    Code.DOSE_UNDER_WAY: "Hay una visita en marcha en este momento; esto tiene que esperar a que termine.",
    Code.REVIEW_OPEN: "Primero el personal clínico tiene que revisar el curso[; está pendiente desde el {since.when}].",
    Code.ALREADY_DECIDED: "Esto ya está decidido.",
    Code.NOT_A_CHOICE: "Las reglas de este curso no tienen esa opción; por favor elija una de las que indica.",
    Code.NO_NEXT_PHASE: "Esta parte del curso es la última.",
    Code.NOT_AS_NEEDED: "En esta parte del curso la clínica planea las visitas; por favor llame si necesita una.",
    Code.REQUEST_OPEN: "Ya lo pidió; la clínica le responderá.",
    Code.SLOT_TAKEN: "Alguien acaba de tomar esta hora; por favor elija otra.",
    Code.SLOT_NOT_OFFERED: "Esta hora no se ofrece; por favor elija una de las horas libres.",
    Code.RESOURCE_MISSING: "A esa hora no está todo lo que esta visita necesita[: {kind} ({why})].",
    Code.PATIENT_BUSY: "Ya hay una visita a esa hora[, desde el {from.when} hasta el {until.when}].",
    Code.INSIDE_FREEZE: "Falta muy poco para cambiar esta visita aquí[, menos de {hours} horas]; por favor llame a la clínica.",
    Code.PLAN_IS_STALE: "Algo cambió desde esta vista previa; por favor mire la nueva.",
    Code.WRONG_SCOPE: "Aquí esto se puede hacer con una visita cada vez.",
    Code.NOTHING_IN_SCOPE: "No queda ninguna visita por venir que esto pudiera cambiar.",
    Code.LEAVES_UNPLACED: "Otra visita se quedaría sin hora[: la visita {number}]; por favor llame a la clínica.",
    Code.NOT_A_DOSE: "Una visita de seguimiento va con una visita de su mismo curso.",
    Code.ALREADY_THERE: "Ya hay una[: la visita {number}].",
    Code.SAFETY_VERSION_OPEN: (
        "Hay nuevas reglas de seguridad para este curso[: versión {version}]; primero tiene que verlas el personal clínico."
    ),
    Code.NOTHING_CHANGES: "Esto no cambia nada: ya es así.",
    Code.VERSION_SUPERSEDED: "Alguien hizo entretanto una versión más nueva[: {version}]; por favor mírela primero.",
    Code.PHASE_NEEDED: "Estas reglas no tienen la parte en la que está el curso[: {phase}]; por favor elija una de las suyas.",
    Code.OVERRIDES_IN_THE_WAY: "Lo que se cambió solo para este curso no va con estas reglas; por favor termínelo primero.",
    Code.NOTHING_TO_DECLINE: "No hay reglas de seguridad nuevas que rechazar para este curso.",
    Code.ALREADY_ENDED: "Esto ya terminó.",
    Code.GATE_OPEN: "Primero hay algo que confirmar[: {step}].",
    Code.OBSERVATION_NOT_OVER: (
        "El tiempo de observación no ha terminado[: dura hasta el {until.when}]; hace falta un motivo."
    ),
    Code.NO_ON_CALL: "Esto se puede activar cuando la clínica tenga un número de guardia.",
    Code.ALREADY_ACTIVE: "Esta persona ya tiene un curso activo.",
    Code.ALREADY_ANSWERED: "Esto ya tiene respuesta.",
    Code.VERSION_CHANGED: "Esta respuesta es sobre una hora que cambió; por favor mire la nueva hora.",
    Code.WRONG_CLINICIAN_ROLE: "Esto le corresponde a alguien con otra función.",
    Code.NOTHING_TO_CORRECT: "No hay nada de este tipo que corregir en esta visita.",
    Code.LANES_BOOKED: "Hay más lugares reservados[: {count} visitas perderían el suyo].",
    Code.STILL_BOOKED: "Hay visitas reservadas desde entonces[: {count}].",
    Code.OUTSIDE_NEW_HOURS: "Quedarían visitas fuera de este horario[: {count}]; confirme que las conoce.",
    Code.HOURS_OVERLAP: (
        "Dos de estos horarios se cruzan en algunas fechas[: {opens} a {closes} y {other_opens} a {other_closes}]."
    ),
    Code.ALREADY_LIFTED: "Este cierre ya se levantó.",
    Code.NOT_HIT: "Este cierre no afecta a esa visita.",
    Code.TOO_MANY_ENDPOINTS: "Ya hay tantas direcciones como puede haber[: {most}]; quite una primero.",
    Code.ENDPOINT_ENDED: "Esta dirección ya no se usa[, desde el {ended_at.when}].",
    Code.IMPOSSIBLE_LOCAL_TIME: "Esa noche los relojes saltan esa hora[: {local}][; la siguiente es el {next.when}].",
    Code.AMBIGUOUS_LOCAL_TIME: "Esa noche los relojes marcan dos veces esa hora[: {local}]; por favor diga cuál de las dos es.",
}

STATUSES = {
    "en": {
        "planned": "not booked yet",
        "booked": "booked",
        "arrived": "under way",
        "dosed": "under way",
        "discharged": "finished",
        "attended": "finished",
        "missed": "marked as missed",
        "deferred": "put off",
        "omitted": "left out",
        "cancelled": "cancelled",
        "active": "active",
        "paused": "paused",
        "completed": "finished",
        "discontinued": "ended early",
    },
    "es": {
        "planned": "sin reservar",
        "booked": "reservada",
        "arrived": "en marcha",
        "dosed": "en marcha",
        "discharged": "terminada",
        "attended": "terminada",
        "missed": "anotada como perdida",
        "deferred": "aplazada",
        "omitted": "omitida",
        "cancelled": "cancelada",
        "active": "activo",
        "paused": "en pausa",
        "completed": "terminado",
        "discontinued": "terminado antes de tiempo",
    },
}
STEPS = {
    "en": {
        "attendance": "that the patient is coming",
        "transport": "the ride home",
        "support": "the support person",
        "present": "that the support person is there",
        "ride_today": "today's ride home",
        "new_time": "the new time",
        "invitation": "that the support person accepts",
        "safety_evening": "how the patient is that evening",
        "safety_next_day": "how the patient is the next day",
        "integration": "a time for the follow-up visit",
    },
    "es": {
        "attendance": "la asistencia",
        "transport": "el regreso a casa",
        "support": "la persona de apoyo",
        "present": "que la persona de apoyo está presente",
        "ride_today": "el regreso a casa de hoy",
        "new_time": "la nueva hora",
        "invitation": "que la persona de apoyo acepta",
        "safety_evening": "cómo se siente por la noche",
        "safety_next_day": "cómo se siente al día siguiente",
        "integration": "una hora para la visita de seguimiento",
    },
}
RESOURCES = {
    "en": {
        "chair": "a chair",
        "clinician": "a clinician",
        "monitor": "someone to watch over it",
        "therapist": "a therapist",
        "guide": "a guide",
    },
    "es": {
        "chair": "un sillón",
        "clinician": "un profesional clínico",
        "monitor": "alguien que la supervise",
        "therapist": "un terapeuta",
        "guide": "un guía",
    },
}
WHYS = {
    "en": {"closed": "closed", "taken": "taken", "busy": "busy elsewhere", "none": "not at work"},
    "es": {"closed": "cerrado", "taken": "ocupado", "busy": "con otro compromiso", "none": "fuera de horario"},
}
SAYINGS = {"en": ENGLISH, "es": SPANISH}

_OPTIONAL = re.compile(r"\[([^\]]*)\]")


def say_refusal(refusal: Refusal, language: str, zone: str) -> str:
    """The refusal as one sentence; a part whose data is not known is left out."""
    language = spoken(language)
    known = {name: _said(name, value, language, zone) for name, value in refusal.data.items() if value is not None}
    return one_full_stop(_OPTIONAL.sub(lambda part: _if_known(part[1], known), SAYINGS[language][refusal.code]))


def _if_known(part: str, known: Mapping[str, Any]) -> str:
    try:
        return part.format_map(known)
    except KeyError:
        return ""


def _said(name: str, value: Any, language: str, zone: str) -> Any:
    """An instant in the reader's zone, a date as a day, a status or a step in words; all else as it is."""
    if isinstance(value, datetime):
        return Moment(value, zone, language)
    if name.endswith("_on"):
        return Moment(datetime.combine(date.fromisoformat(value), time(12), ZoneInfo(zone)), zone, language).day
    if name == "local":
        return Moment(datetime.fromisoformat(value).replace(tzinfo=UTC), "UTC", language).when
    words = {"status": STATUSES, "step": STEPS, "kind": RESOURCES, "why": WHYS}.get(name)
    return words[language].get(value, value) if words else value
