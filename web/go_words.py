"""What do one-question pages say, in the reader's language? Neutral words: nobody who looks over a shoulder learns what for."""

ENGLISH = {
    "title": "A question from {clinic}",
    "choose": "Choose a time for your follow-up visit",
    "choose_why": "Pick the time that suits you best. You can still change it by calling us.",
    "choose_label": "Free times",
    "choose_first": "Please choose one of the answers first.",
    "take": "Take this time",
    "chosen": "Your time is set",
    "chosen_at": "Your follow-up visit is",
    "chosen_then": "Need another time? Call us at {phone}.",
    "none": "There is no free time right now",
    "none_then": "Please call us at {phone}, and we will find one together.",
    "invite": "Will you be {patient}'s support person?",
    "invite_why": (
        "{patient} named you as the adult who is there during a visit and after it. With your yes we text you the dates and "
        "times, and a question now and then. You can stop any time."
    ),
    "invite_rates": "Message and data rates may apply. Reply HELP for help, STOP to end texts.",
    "yes": "Yes, I will",
    "no": "No, I cannot",
    "call": "Please call me first",
    "accepted": "Thank you",
    "accepted_then": "{patient} can count on you. We will text you the times. Questions? Call {phone}.",
    "calendar": "Put the visits in my calendar",
    "calendar_made": "Your calendar link",
    "calendar_then": "Open it on your phone; it stays up to date. Whoever has it sees when and where. It is shown only now.",
    "calendar_open": "Open in my calendar",
    "declined": "Thank you for telling us",
    "declined_then": "We will look for someone else. Changed your mind? Call {phone}.",
    "off": "This is no longer needed",
    "off_then": "There is nothing you need to do. Questions? Call {phone}.",
    "expired": "This link has expired",
    "expired_then": "Please call us at {phone}.",
    "your_zone": "Times are those of {zone}.",
    "sorry": "That did not work",
    "skip": "Skip to the question",
}

SPANISH = {
    "title": "Una pregunta de {clinic}",
    "choose": "Elija la hora de su visita de seguimiento",
    "choose_why": "Escoja la hora que más le convenga. Si después necesita cambiarla, llámenos.",
    "choose_label": "Horas libres",
    "choose_first": "Primero elija una de las respuestas.",
    "take": "Tomar esta hora",
    "chosen": "Su hora está apartada",
    "chosen_at": "Su visita de seguimiento es",
    "chosen_then": "¿Necesita otra hora? Llame al {phone}.",
    "none": "Ahora no hay horas libres",
    "none_then": "Llámenos al {phone} y buscaremos una juntos.",
    "invite": "¿Será usted la persona de apoyo de {patient}?",
    "invite_why": (
        "{patient} dio su nombre como la persona adulta que está presente durante una visita y después de ella. Si acepta, le "
        "enviaremos por mensaje de texto los días y las horas, y de vez en cuando una pregunta. Puede dejarlo cuando quiera."
    ),
    "invite_rates": "Pueden aplicarse tarifas de mensajes y datos. Responda HELP para ayuda, STOP para no recibir más mensajes.",
    "yes": "Sí, cuenten conmigo",
    "no": "No puedo",
    "call": "Primero llámenme",
    "accepted": "Gracias",
    "accepted_then": "{patient} puede contar con usted. Le enviaremos las horas. ¿Preguntas? Llame al {phone}.",
    "calendar": "Poner las visitas en mi calendario",
    "calendar_made": "Su enlace de calendario",
    "calendar_then": "Ábralo en su teléfono; se mantiene al día. Muestra cuándo y dónde a quien lo tenga. Solo se muestra ahora.",
    "calendar_open": "Abrir en mi calendario",
    "declined": "Gracias por avisarnos",
    "declined_then": "Buscaremos a otra persona. ¿Cambió de idea? Llame al {phone}.",
    "off": "Esto ya no hace falta",
    "off_then": "No tiene que hacer nada. ¿Preguntas? Llame al {phone}.",
    "expired": "Este enlace ya venció",
    "expired_then": "Llámenos al {phone}.",
    "your_zone": "Las horas son las de {zone}.",
    "sorry": "No se pudo",
    "skip": "Ir a la pregunta",
}

WORDS = {"en": ENGLISH, "es": SPANISH}
