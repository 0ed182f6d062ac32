"""What do the texts say in Spanish?

The keys are those of English. á, í, ó and ú are not in GSM-7 and double the cost of a text, so the words avoid them where Spanish
stays natural without; "sábado" and the crisis text keep them. Moments bring their own article ("las 10:00 a.m. del lunes").
"""

SPANISH = {
    # The frame of every message.
    "opening": "{clinic}:",
    "for.patient": "Para usted:",
    "for.support": "Para su persona de apoyo:",
    "times_are": "Zona horaria: {zone}.",
    "first": (
        "Mensajes sobre visitas; la frecuencia puede variar y su operador puede aplicar cargos. Responda "
        "AYUDA o HELP para recibir ayuda, STOP para no recibir mensajes. En una emergencia llame al "
        "{emergency}; en una crisis llame al {crisis_line} y oprima 2."
    ),
    "and": " y ",
    # What a session is called; its kind is nobody else's business.
    "noun.consult": "visita",
    "noun.preparation": "primera visita",
    "noun.dosing": "visita",
    "noun.integration": "visita de seguimiento",
    "noun.review": "visita de control",
    "owned": "su {noun}",
    "owned.support": "la {noun} de {patient}",
    "owned.nameless": "la {noun}",
    "all_owned": "sus visitas",
    "all_owned.support": "las visitas de {patient}",
    "all_owned.nameless": "las visitas",
    # Notices: what was booked, moved or taken off.
    "booked": "{visit} queda reservada para el {starts_at.when}.",
    "booked.many": "{visits} quedan reservadas: {list}.",
    "booked.then": "Si necesita un cambio, llame al {phone}.",
    "moved": "{visit} del {was.day} pasa al {starts_at.when}.",
    "moved.same_day": "{visit} del {was.day} pasa de {was.time} a {starts_at.time}.",
    "moved.unknown_before": "{visit} es ahora el {starts_at.when}.",
    "moved.many": "{visits} cambian: {list}.",
    "moved.item": "la del {was.when} pasa al {starts_at.when}",
    "moved.then": "Lo que le dijimos sobre el horario anterior ya no vale.",
    "off": "{visit} del {was.when} queda cancelada.",
    "off.unknown_before": "{visit} queda cancelada.",
    "off.many": "Estas visitas quedan canceladas: {list}.",
    "postponed": "{visit} del {was.when} se pospone.",
    "postponed.unknown_before": "{visit} se pospone.",
    "postponed.many": "Estas visitas se posponen: {list}.",
    "sent_home": "Hoy no hay tratamiento; ya puede recoger a {patient}. Si tiene preguntas, llame al {phone}.",
    "sent_home.nameless": (
        "Hoy no hay tratamiento; ya puede recoger a quien recibe su apoyo. Si tiene preguntas, llame al {phone}."
    ),
    "off.then": "No tiene que prepararse para ella. Si tiene preguntas, llame al {phone}.",
    "off.then.many": "Si tiene preguntas, llame al {phone}.",
    "off.then.support": "No tiene que venir. Si tiene preguntas, llame al {phone}.",
    "item": "{moment} ({noun})",
    # A visit ahead: when, what to do before, what is asked.
    "lead": "{visit} es el {starts_at.when}.",
    "lead.short": "Visita: {starts_at.when}.",
    "lead.today": "{visit} es hoy, {starts_at.when}.",
    "lead.arrive": "{visit} es el {starts_at.when}; por favor llegue antes de {arrive_at.time}.",
    "lead.arrive.support": "{visit} es el {starts_at.when}; por favor llegue antes de {arrive_at.time}.",
    "lead.home": (
        "{visit} en casa empieza el {starts_at.when}; por favor espere con su persona de apoyo desde {arrive_at.time}."
    ),
    "lead.home_support": "{visit} es el {starts_at.when}; por favor llegue con {patient} antes de {arrive_at.time}.",
    "lead.present": "{visit} empieza a {starts_at.clock}.",
    "no_alcohol_now": "Nada de alcohol desde ahora.",
    "no_alcohol_begun": "Nada de alcohol desde ahora hasta el {until.when}.",
    "no_alcohol_from": "Nada de alcohol desde {alcohol_from.clock}.",
    "no_alcohol": "Nada de alcohol desde {from_at.clock} hasta {until.clock}.",
    "no_alcohol.alone": (
        "Por favor no tome alcohol desde el {from_at.when} hasta el {until.when}. Si tiene preguntas, llame al {phone}."
    ),
    "steps": "{steps}.",
    "please": "por favor {steps}.",
    "light_food": "coma solo algo ligero desde {clock}",
    "no_food": "deje de comer a {clock}",
    "clear_drinks": "tome solo agua u otras bebidas claras desde {clock}",
    "no_drinks": "no beba nada desde {clock}",
    "light_food.past": "solo algo ligero de comer desde {clock}",
    "no_food.past": "nada de comer desde {clock}",
    "clear_drinks.past": "solo agua u otras bebidas claras desde {clock}",
    "no_drinks.past": "nada de beber desde {clock}",
    "medicines": "Medicinas: siga lo que le indicaron.",
    "plan_ride": "Necesita quien le lleve a casa.",
    "running_late": "Si se le hace tarde, llame al {phone}.",
    "not_driving": "Por favor no maneje al salir.",
    "not_heard": "Su persona de apoyo no ha confirmado. Por favor hable con ella o llame al {phone}.",
    "declined": "Su persona de apoyo no puede estar. Por favor busque a otra persona y llame al {phone}.",
    "question": "¿{asks}?",
    "asked_of": "{asks} el {starts_at.day}",
    "ask.attendance": "puede asistir",
    "ask.ride": "tiene quien le lleve a casa",
    "ask.ride_today": "ya tiene quien le lleve a casa",
    "ask.support": "viene su persona de apoyo",
    "ask.support.support": "puede estar presente",
    "ask.present.support": "ya se encuentra presente",
    "ask.new_time": "le queda bien el nuevo horario del {days}",
    "ask.new_times": "le quedan bien los nuevos horarios del {days}",
    "reply": "Responda 1 para confirmar, 2 si hay un problema, 3 si desea que le llamemos.",
    "reply.all": "Responda 1 para confirmar todo, 2 si hay un problema, 3 si desea que le llamemos.",
    # The support person.
    "invite.support": (
        "{patient} desea que usted sea su persona de apoyo: la persona adulta que acompaña durante una visita "
        "y después. ¿Le podemos mandar los horarios por mensaje?"
    ),
    "invite.nameless": (
        "Alguien desea que usted sea su persona de apoyo: la persona adulta que acompaña durante una visita y "
        "después. ¿Le podemos mandar los horarios por mensaje?"
    ),
    "invite.link": "Detalles: {link}",
    "invite.reply": "Responda 1 para aceptar, 2 si no puede, 3 si desea que le llamemos.",
    "invite.declined": ("La persona que nombró como apoyo no puede. Por favor llame al {phone} para nombrar a otra."),
    "invite.not_heard": (
        "Su persona de apoyo no ha respondido si acepta. Por favor hable con ella, o llame al {phone} si "
        "prefiere nombrar a otra."
    ),
    # After a visit.
    "after": "Eso es todo por hoy: {rules}.",
    "after.changed": "Hay un cambio: {rules}.",
    "after.support": "La visita de {patient} ha terminado. {patient} no debe {rules}.",
    "after.nameless": "La visita ha terminado. Quien recibe su apoyo no debe {rules}.",
    "after.join": ", ",
    "after.join.support": " ni ",
    "after.driving": "no maneje hasta {until}",
    "after.driving.support": "manejar hasta {until}",
    "after.alcohol": "no tome alcohol hasta {until}",
    "after.alcohol.support": "tomar alcohol hasta {until}",
    "after.stay": "Su persona de apoyo se queda con usted hasta {stay_until.time}.",
    "after.stay.support": "Por favor quédese hasta {stay_until.time}.",
    "after.worried": "Si algo le preocupa, llame al {phone} o al {emergency}.",
    "safety_check": (
        "¿Se encuentra bien después de su visita del {starts_at.day}? Responda 1 si todo va bien, 2 si desea "
        "una llamada, 3 si es urgente. En una emergencia llame al {emergency}."
    ),
    "integration_book": (
        "Por favor elija su visita de seguimiento, mejor del {window_from.day} al {window_until.day}: {link} "
        "o responda 3 y le llamamos."
    ),
    "integration_book.call": (
        "Ya le toca su visita de seguimiento, mejor del {window_from.day} al {window_until.day}. Responda 3 y "
        "le llamamos para acordar la hora."
    ),
    "integration_remind": "Su visita de seguimiento es el {starts_at.when}. Si ya no puede, llame al {phone}.",
    # What is said back.
    "crisis_text": (
        "Si usted u otra persona está en peligro, llame ahora al {emergency} o vaya a la sala de emergencias "
        "más cercana. A cualquier hora, de día o de noche, llame al {crisis_line} y oprima 2 para "
        "hablar con alguien. Por favor no espere nuestra respuesta. Nuestro número es {phone}."
    ),
    "help_text": (
        "Mensajes sobre visitas. Si tiene preguntas o ya no desea estos mensajes, llame al {phone}. "
        "Emergencia: {emergency}. Crisis: llame al {crisis_line} y oprima 2."
    ),
    "opted_in_text": "Vuelve a recibir mensajes sobre visitas. Si tiene preguntas, llame al {phone}.",
    "moved_answer": "Gracias. Esa respuesta era para el {was.when}.",
    "moved_answer.now": "{visit} es ahora el {starts_at.when}.",
    "moved_answer.off": "{visit} queda cancelada; no tiene que hacer nada.",
    "unclear_answer": (
        "Gracias. Una persona va a leer su mensaje. Si no puede esperar, llame al {phone}; en una emergencia, "
        "al {emergency}; en una crisis llame al {crisis_line} y oprima 2."
    ),
    "thanks_answer": "Gracias, ya tenemos su respuesta.",
    "call_answer": "Gracias por avisarnos. Le vamos a llamar. Si no puede esperar, llame al {phone}.",
    "login_code": "{code} es su clave. Sirve una sola vez y por poco tiempo. Nunca se la vamos a pedir.",
}
