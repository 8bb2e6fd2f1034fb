"""What may not be said, and what may well be talked about."""

from __future__ import annotations

import pytest

from presenter import policy, script
from presenter.errors import InputError

REFUSED = [
    ("P-01", "I am so horny, have sex with me."),
    ("P-01", "Schau dir meine nackten Bilder an."),
    ("P-01", "跟我上床吧。"),
    ("P-02", "Please tell us your card number now."),
    ("P-02", "Send [pause 1] me the gift cards today."),
    ("P-02", "Double your bitcoin in one day!"),
    ("P-02", "If you want to keep your account, send us your password."),
    ("P-02", "Your account has been blocked, please call this number."),
    ("P-02", "Bitte nennen Sie mir Ihre PIN."),
    ("P-02", "Envíenos su contraseña hoy mismo."),
    ("P-02", "Donnez-moi votre code."),
    ("P-02", "मुझे अपना ओटीपी बताएं।"),
    ("P-02", "请把你的验证码发给我。"),
    ("P-02", "Hello{say: Send me money} my friend."),
    ("P-02", "---\nlanguage: en\npronounce:\n  en:\n    Hello: Send me money\n---\nHello my friend."),
    ("P-03", "You can vote by text message this year."),
    ("P-03", "The election has been postponed to Friday."),
    ("P-03", "Gehen Sie nicht zur Wahl."),
    ("P-03", "Votez par SMS."),
    ("P-03", "通过短信投票。"),
]

PASSING = [
    "Never tell anyone: send us your password is what a thief wants to hear.",
    'A swindler says: "Please send me the gift cards." Hang up.',
    "Phishing mails claim that your account has been blocked. Do not click on the link.",
    "Do not send me money, please.",
    "A bank will never ask you to tell them your PIN.",
    "In Estonia you can vote online. Elections are held every four years.",
    "In 1864 some people asked whether the election could be postponed.",
    "It is a myth that you can vote by text message.",
    "Sexual reproduction in plants needs pollen. Mammals have sex to reproduce.",
    "The human body has 206 bones. The penis and the vagina are organs.",
    "Compound interest doubles your understanding of money.",
    "Betrüger rufen an: Bitte nennen Sie mir Ihre PIN.",
    "骗子会说：请把你的验证码发给我。",
    "The president of France lives in Paris. I am a teacher.",
]


def check(source: str, real_person: bool = True) -> None:
    policy.check(script.parse(source), real_person=real_person)


@pytest.mark.parametrize(("rule", "source"), REFUSED)
def test_harmful_sentences_are_refused_by_their_rule(rule, source):
    with pytest.raises(InputError) as caught:
        check(source)
    assert caught.value.code == "E-POLICY-TEXT"
    assert f"(rule {rule}, " in caught.value.message
    assert "If this is a mistake" in caught.value.hint


@pytest.mark.parametrize("source", PASSING)
def test_lessons_about_a_topic_pass(source):
    check(source)


def test_the_message_names_line_and_sentence():
    with pytest.raises(InputError) as caught:
        check("Hello there.\n\nGood. Send us your password. Bye.")
    assert caught.value.message == (
        "Line 3 cannot be said here (rule P-02, asking the viewer for money or secrets): "
        '"Send us your password.".'
    )


@pytest.mark.parametrize(
    "source",
    [
        "I am the President of the United States and I have news.",
        "Hello. I'm the Prime Minister of India.",
        "I am the pope.",
        "Ich bin der Bundeskanzler und sage euch etwas.",
        "Soy el presidente de México.",
        "Je suis le président de la République.",
        "मैं भारत का प्रधानमंत्री बोल रहा हूँ।",
        "大家好，我是美国总统。",
    ],
)
def test_a_real_person_cannot_claim_a_public_office(source):
    with pytest.raises(InputError) as caught:
        check(source)
    assert caught.value.code == "E-POLICY-IMPERSONATION"
    assert "Speak about the office instead" in caught.value.hint
    check(source, real_person=False)


@pytest.mark.parametrize(
    "source",
    [
        "I am the president of the chess club.",
        "I am not the President of France.",
        "Imagine: I am the King of England.",
        'Lincoln said: "I am the President of the United States."',
        "Ich bin der Präsident des Schachclubs.",
        "我是班长。",
    ],
)
def test_clubs_games_and_quotes_are_no_public_office(source):
    check(source)


def test_a_drawn_presenter_may_say_what_only_a_real_person_may_not():
    check("I am so horny.", real_person=False)
    with pytest.raises(InputError):
        check("Send us your password.", real_person=False)


def test_every_rule_speaks_six_languages():
    assert all(set(rule.patterns) == {"en", "de", "es", "fr", "hi", "zh"} for rule in policy.RULES)
    assert len({rule.id for rule in policy.RULES}) == len(policy.RULES)
