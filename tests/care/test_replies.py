"""Is what people text back understood only where it is sure, and crisis and opt-out always first?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.facts import Step
from care.words.replies import Intent, understand
from care.words.replies.opt_out import WORDS

ATTENDANCE = frozenset({Step.ATTENDANCE})
RIDE_TOO = frozenset({Step.ATTENDANCE, Step.TRANSPORT})
PRESENT = frozenset({Step.PRESENT})
SAFETY = frozenset({Step.SAFETY_EVENING})
INTEGRATION = frozenset({Step.INTEGRATION})


def intent(body: str, open_steps: frozenset[Step] | None = ATTENDANCE, *, opted_out: bool = False) -> str:
    return understand(body, open_steps=open_steps, opted_out=opted_out).intent.value


# Digits


@pytest.mark.parametrize(
    "written", ["1", "1.", "1!", " 1 ", "(1)", "#1", "1️⃣", "１", "one", "Uno", "1 yes", "1, all yes", "Reply 1"]
)
def test_one_is_yes_however_it_is_written(written: str) -> None:
    assert intent(written) == "yes"


@pytest.mark.parametrize("written", ["1 please", "1, thanks!", "1 gracias", "Hi, 1", "1 👍", "1\nSent from my iPhone"])
def test_courtesy_does_not_hide_a_digit(written: str) -> None:
    assert intent(written) == "yes"


def test_two_is_a_problem_and_three_asks_for_a_call() -> None:
    assert intent("2") == "no"
    assert intent("2 my car broke down") == "no"
    assert intent("Option 2") == "no"
    assert intent("3") == "call"
    assert intent("3 please call after 5") == "call"


UNSURE_DIGITS = [
    "1?",
    "1 but I can't drive",
    "1 or 2",
    "1 2",
    "12",
    "1:30",
    "2:30",
    "2 pm is better",
    "see you at 1",
    "1 no",
]
UNSURE_DIGITS += ["2 yes", "1 👎", "1 😭", "2 people are coming", "4"]


@pytest.mark.parametrize("written", UNSURE_DIGITS)
def test_a_digit_among_other_things_goes_to_a_person(written: str) -> None:
    assert intent(written) == "unclear"


def test_the_safety_check_offers_its_own_digits() -> None:
    assert [intent(digit, SAFETY) for digit in "123"] == ["yes", "call", "urgent"]
    assert intent("3 I feel bad since 5", SAFETY) == "urgent"


def test_choosing_a_time_offers_only_the_call() -> None:
    assert [intent(digit, INTEGRATION) for digit in "123"] == ["unclear", "unclear", "call"]


def test_a_digit_is_read_without_an_open_question_too() -> None:
    assert [intent(digit, None) for digit in "123"] == ["yes", "no", "call"]


# Plain words


@pytest.mark.parametrize(
    "written",
    ["yes", "YES!!", "Yesss", "y", "ok", "Sure", "I’ll be there", "confirmed", "Sí", "si, claro", "de acuerdo"],
)
def test_plain_words_answer_the_one_open_question(written: str) -> None:
    assert intent(written) == "yes"
    assert intent(written, RIDE_TOO) == "yes"
    assert intent(written, None) == "unclear"
    assert intent(written, frozenset()) == "unclear"


@pytest.mark.parametrize(
    "written", ["no", "Nope", "I can't", "No, I cannot", "can't make it", "no puedo", "No voy", "hay un problema"]
)
def test_a_no_is_a_no(written: str) -> None:
    assert intent(written) == "no"


@pytest.mark.parametrize(
    "written", ["call me", "Please call", "can you call me?", "llámeme por favor", "que me llamen"]
)
def test_a_call_can_be_asked_for_in_words(written: str) -> None:
    assert intent(written) == "call"


UNCLEAR = [
    "",
    "   ",
    "\n",
    "👍",
    "🙏",
    "no problem",
    "no hay problema",
    "si no puedo",
    "yes but late",
    "yes no",
    "ok?",
    "not sure",
    "maybe",
]
UNCLEAR += [
    "yes 👎",
    "who is this",
    "what time",
    "cancel my visit please",
    "I can't be here tomorrow",
    "no puedo más tarde",
    "the end",
]


@pytest.mark.parametrize("written", UNCLEAR)
def test_what_is_not_sure_goes_to_a_person(written: str) -> None:
    assert intent(written) == "unclear"


def test_words_mean_what_the_question_makes_of_them() -> None:
    assert intent("here", PRESENT) == "yes"
    assert intent("ya llegué", PRESENT) == "yes"
    assert intent("here") == "unclear"
    assert intent("I'm fine", SAFETY) == "yes"
    assert intent("estoy bien", SAFETY) == "yes"
    assert intent("fine") == "unclear"
    assert intent("yes", SAFETY) == "unclear"


@pytest.mark.parametrize(
    "written", ["No", "not good", "bad", "2 not good", "me siento muy mal", "mal", "no estoy bien", "I feel sick"]
)
def test_who_is_not_well_after_a_visit_is_called(written: str) -> None:
    assert intent(written, SAFETY) == "call"
    assert intent(written, None) in {"unclear", "no"}


def test_a_one_with_a_worry_is_read_by_a_person() -> None:
    assert intent("1 but feeling weird", SAFETY) == "unclear"
    assert intent("1 not good", SAFETY) == "unclear"


def test_thanks_alone_ask_for_nothing() -> None:
    meaning = understand("Thank you!", open_steps=ATTENDANCE, opted_out=False)
    assert (meaning.intent, meaning.words) == (Intent.UNCLEAR, ("thank you",))
    assert understand("what time", open_steps=ATTENDANCE, opted_out=False).words == ()


def test_help_is_answered() -> None:
    assert {intent(word) for word in ("HELP", "info", "Ayuda!", "información")} == {"help"}


@pytest.mark.parametrize(
    "written",
    [
        "urgent",
        "Es urgente",
        "help me",
        "Please help me!",
        "ayúdeme",
        "911",
        "I need help",
        "it hurts",
        "me duele mucho",
    ],
)
def test_urgency_is_heard_with_or_without_a_question(written: str) -> None:
    assert {intent(written), intent(written, None), intent(written, SAFETY)} == {"urgent"}


# Opting out and in


@pytest.mark.parametrize(
    "word",
    [
        *("STOP", "stopall", "Unsubscribe", "END", "quit", "REVOKE", "OPTOUT", "opt out", "Opt-Out", "remove", "unsub"),
        *("stop all", "ALTO", "parar", "Baja", "dar de baja", "s.t.o.p.", "Stop!!", '"stop"', "ＳＴＯＰ", "sto\u200bp"),
    ],
)
def test_the_words_of_networks_and_of_the_law_end_texts(word: str) -> None:
    meaning = understand(word, open_steps=ATTENDANCE, opted_out=False)
    assert (meaning.intent, meaning.opt_out, meaning.cancel_word) == (Intent.OPT_OUT, True, False)


@pytest.mark.parametrize("word", ["CANCEL", "cancel", "Cancel please", "CANCELAR", "cancela", "Cancel."])
def test_cancel_ends_texts_and_may_have_meant_the_visit(word: str) -> None:
    meaning = understand(word, open_steps=ATTENDANCE, opted_out=False)
    assert (meaning.intent, meaning.cancel_word) == (Intent.OPT_OUT, True)


@pytest.mark.parametrize(
    "request_",
    [
        *(
            "please stop texting me",
            "Stop sending me messages",
            "STOP PLEASE",
            "stop now",
            "no more texts",
            "Don't text me again",
        ),
        *(
            "do not contact me",
            "I don't want any more messages",
            "take me off your list",
            "remove my number",
            "opt me out",
        ),
        *(
            "I want to unsubscribe",
            "leave me alone",
            "wrong number",
            "I revoke my consent",
            "please don't send me any more texts",
        ),
        *(
            "ya no me manden mensajes",
            "No me escriban más",
            "no quiero recibir más mensajes",
            "dejen de escribirme",
            "no más mensajes",
        ),
        *("quiero darme de baja", "quítenme de la lista", "número equivocado", "no quiero que me manden nada"),
    ],
)
def test_a_plain_request_ends_texts(request_: str) -> None:
    assert intent(request_) == "opt_out"
    assert intent(f"1 {request_}") == "opt_out" or request_.lower().startswith("stop")


@pytest.mark.parametrize(
    ("written", "beyond"),
    [
        ("Stop. My chest feels strange", "my chest feels strange"),
        ("stop texting me, I feel awful", "me i feel awful"),
        ("no me escriban, me siento rara", "me siento rara"),
        ("STOP", ""),
        ("stop it", ""),
        ("please stop texting me", ""),
        ("I don't want any more messages", ""),
        ("please don't send me any more texts", ""),
        ("ya no me manden mensajes", ""),
        ("quiero darme de baja", ""),
    ],
)
def test_what_an_opt_out_says_besides_is_kept_for_a_person(written: str, beyond: str) -> None:
    meaning = understand(written, open_steps=None, opted_out=False)
    assert (meaning.intent, meaning.beyond) == (Intent.OPT_OUT, beyond)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "when do I stop eating?",
            "stop eating at what time",
            "Stop by the front desk?",
            "please don't stop texting me",
        ),
        *(
            "no me mandaron el enlace",
            "no dejen de mandarme mensajes",
            "can we end earlier",
            "I quit smoking",
            "my bus stop",
        ),
    ],
)
def test_the_same_words_in_another_sense_do_not(written: str) -> None:
    assert intent(written) == "unclear"


def test_a_yes_after_opting_out_means_texts_again_and_never_a_confirmation() -> None:
    assert {intent(word, opted_out=True) for word in ("YES", "yes!", "START", "unstop", "Sí")} == {"opt_in"}
    assert {intent(word, opted_out=True) for word in ("ok", "confirm", "yes I can")} == {"unclear"}
    assert intent("START") == "opt_in"


# Crisis


@pytest.mark.parametrize(
    "written",
    [
        *(
            "I want to kill myself",
            "im going to kil my self",
            "suicidal",
            "suiside",
            "sucide",
            "thinking about suicde",
            "I wanna die",
        ),
        *(
            "i dont want to live anymore",
            "want to end my life",
            "I wish I was dead",
            "better off without me",
            "I might hurt myself",
        ),
        *(
            "self-harm",
            "took too many pills",
            "I overdosed",
            "no reason to live",
            "end it all",
            "I can't go on",
            "unalive myself",
        ),
        *("I can't breathe", "chest pain", "he won't wake up", "she passed out", "she is unresponsive"),
        *("me quiero matar", "quiero morir", "kiero morirme", "suisidio", "ya no quiero vivir", "quitarme la vida"),
        *(
            "voy a matarme",
            "quiero hacerme daño",
            "ya no aguanto",
            "estarían mejor sin mí",
            "tomé todas mis pastillas",
            "sobredosis",
        ),
        *("no puedo respirar", "me duele el pecho", "no despierta", "I’m not suicidal"),
        *("i want to end it", "thinking about ending it", "everyone would be better off if i was gone"),
        *("tired of living", "im done with life", "want to sleep and never wake up", "i want to disappear", "kill me"),
        *("let me die", "i should be dead", "i have a gun", "i took too much", "I swallowed a bottle of tylenol"),
        *("i od'd", "she isnt breathing", "he's not responding", "she fell and hit her head"),
        *("no tengo ganas de vivir", "quiero desaparecer", "no aguanto mas", "mejor estaria muerta", "me corte"),
        *("me tome todo el frasco", "no le veo sentido a la vida"),
        *("STOP IT HURTS", "stop the pain", "make it stop", "I can't stand the pain", "basta, me duele"),
    ],
)
def test_words_of_danger_come_first(written: str) -> None:
    assert intent(written) == "crisis"
    assert intent(f"1 {written}", None, opted_out=True) == "crisis"


@pytest.mark.parametrize(
    "written",
    [
        *(
            "my back is killing me",
            "the swelling subsided",
            "I decide tomorrow",
            "outside the door",
            "cortarme el pelo antes",
        ),
        *("no puedo más tarde", "I live on Main St", "can I be here at 9", "dead battery, running late"),
        *("going to dye my hair", "me corté el pelo", "it took too much time", "I took a bottle of water"),
        *("can we end it early", "you are not responding"),
    ],
)
def test_everyday_words_are_no_crisis(written: str) -> None:
    assert intent(written) == "unclear"


def test_a_crisis_beats_an_opt_out_and_both_are_heard() -> None:
    meaning = understand("STOP. I want to die", open_steps=None, opted_out=False)
    assert (meaning.intent, meaning.opt_out) == (Intent.CRISIS, True)
    assert "want to die" in meaning.words


# Always


STEPS = st.none() | st.frozensets(st.sampled_from(Step), max_size=3)


@given(st.text(st.characters(), max_size=200), STEPS, st.booleans())
def test_no_text_is_too_strange_to_be_read(body: str, steps: frozenset[Step] | None, opted_out: bool) -> None:
    meaning = understand(body, open_steps=steps, opted_out=opted_out)
    assert meaning.opt_out or meaning.intent is not Intent.OPT_OUT
    assert not meaning.cancel_word or meaning.opt_out


@given(st.sampled_from("0123456789"), st.text(" .!,()\n\ufe0f\u20e3", max_size=4), STEPS, st.booleans())
def test_a_digit_alone_never_ends_texts(
    digit: str, around: str, steps: frozenset[Step] | None, opted_out: bool
) -> None:
    meaning = understand(around + digit + around, open_steps=steps, opted_out=opted_out)
    assert not meaning.opt_out
    assert meaning.intent not in {Intent.OPT_OUT, Intent.OPT_IN, Intent.CRISIS}


@given(st.sampled_from(sorted(WORDS)), st.data(), STEPS, st.booleans())
def test_an_opt_out_word_alone_always_ends_texts(
    word: str, data: st.DataObject, steps: frozenset[Step] | None, opted_out: bool
) -> None:
    written = "".join(data.draw(st.sampled_from([letter, letter.upper()])) for letter in word)
    around = data.draw(st.text(" .!?,-'\"()\n😡\u200b", max_size=5))
    assert understand(around + written + around, open_steps=steps, opted_out=opted_out).opt_out


@given(st.text(st.sampled_from("yes i can no ok si ") | st.characters(), max_size=400))
def test_reading_takes_no_longer_for_a_text_made_to_be_slow(body: str) -> None:
    understand(body, open_steps=ATTENDANCE, opted_out=False)


def test_a_very_long_text_is_read_at_once() -> None:
    for body in ("yes i can " * 400 + "x", "no me " * 700, "stop the " * 500, "a" * 20_000, "suicid " * 900):
        understand(body, open_steps=ATTENDANCE, opted_out=False)
