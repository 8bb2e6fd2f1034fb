"""SSML: what it becomes in the dialect, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presenter import script
from presenter.errors import InputError
from presenter.script import ssml
from presenter.types import Pause, Style

LESSON = """\
<?xml version="1.0" encoding="UTF-16"?>
<!-- a comment -->
<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">
  <p><s>Hello &amp; welcome to <emphasis level="strong">SSML</emphasis> now!</s>
  <s>Wait<break time="700ms"/> here.</s></p>
  <prosody rate="slow" pitch="+2st" range="x-high" volume="loud"><p>First one.</p><p>Second.</p></prosody>
  <p>Say <lang xml:lang="de">Guten Tag</lang> <mark name="build"/>now.</p>
</speak>
"""


def body(inside: str) -> str:
    return ssml.to_lesson(f"<speak>{inside}</speak>").strip()


def refusal(source: str) -> InputError:
    with pytest.raises(InputError) as caught:
        ssml.to_lesson(source)
    return caught.value


def test_a_lesson_in_ssml_is_read():
    lesson = script.parse(LESSON)
    assert lesson.language == "en-US"
    assert [segment.text for segment in lesson.segments] == [
        "Hello & welcome to SSML now!", "Wait here.", "First one.", "Second.", "Say Guten Tag now.",
    ]  # fmt: skip
    hello, wait, first, second, say = lesson.segments
    assert [one.style for one in hello.stretches] == [Style(emphasis=2)]
    assert wait.pauses == (Pause(5, 0.7),)
    assert first.style == second.style == Style(speed=0.8, pitch=2.0, liveliness=1.7)
    assert [(say.text[one.start : one.end], one.language) for one in say.stretches] == [("Guten Tag", "de")]
    assert [mark.action for mark in say.marks] == ["build"]
    assert lesson.warnings == ()


def test_the_lesson_that_it_becomes_is_kept_exactly():
    lesson = script.parse(LESSON)
    assert script.format(script.parse(script.format(lesson))) == script.format(lesson)
    assert script.parse(script.format(lesson)).segments == lesson.segments


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('a <break strength="strong"/> b', "a [pause 0.7] b"),
        ('a <break strength="none"/>b', "a b"),
        ('a<break/>, b', "a [pause 0.4] , b"),
        ('<emphasis>a</emphasis>', "[emphasis moderate]a[/emphasis]"),
        ('<emphasis level="none">a</emphasis>', "a"),
        ('<prosody rate="80%">a</prosody>', "[speed 0.8]a[/speed]"),
        ('<prosody rate="+10%" pitch="low">a</prosody>', "[speed 1.1][pitch -3]a[/pitch][/speed]"),
        ('<prosody pitch="+100%">a</prosody>', "[pitch +12]a[/pitch]"),
        ('<prosody rate="medium" volume="x-loud">a</prosody>', "a"),
        ('<prosody range="low">a</prosody>', "[lively 0.7]a[/lively]"),
        ('<sub alias="World Wide Web">WWW</sub>', "[WWW]{say: World Wide Web}"),
        ('<phoneme alphabet="ipa" ph="təˈmeɪtoʊ">tomato</phoneme>', "[tomato]{say: /təˈmeɪtoʊ/}"),
        ('<say-as interpret-as="characters">SQL7</say-as>', "[SQL7]{say: S Q L seven}"),
        ('<say-as interpret-as="cardinal">1,234</say-as>',
         "[1,234]{say: one thousand two hundred and thirty-four}"),
        ('<say-as interpret-as="ordinal">3</say-as>', "[3]{say: third}"),
        ('<say-as interpret-as="digits">1969</say-as>', "[1969]{say: one nine six nine}"),
        ('<say-as interpret-as="date" format="dmy">3.5.2020</say-as>',
         "[3\\.5.2020]{say: May third, twenty twenty}"),
        ('<say-as interpret-as="telephone">+49 30 12</say-as>',
         "[\\+49 30 12]{say: plus four nine, three zero, one two}"),
        ('<lang xml:lang="fr">un <say-as interpret-as="cardinal">3</say-as></lang>',
         "[lang fr]un [3]{say: trois}[/lang]"),
        ('<s xml:lang="de">Guten Tag.</s>', "[lang de]Guten Tag.[/lang]"),
        ('a <mark name="here--now"/>b', "a <!-- mark: here-now -->b"),
        ('<w>a</w> <token>b</token>', "a b"),
        ("[pause 9] *a* $x$ &lt;b&gt; # {c}", r"\[pause 9\] \*a\* \$x\$ \<b\> \# \{c\}"),
        ("- a", r"\- a"),
        ("a\n\n\nb", "a\nb"),
    ],
)  # fmt: skip
def test_elements_become_directives(inside, expected):
    assert body(inside) == expected


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("<speak>\n<audio src='x'/></speak>", "E-SCRIPT-TAG", "<audio> is not allowed (line 2)."),
        ("<speak>\n<voice name='x'>a</voice></speak>", "E-SCRIPT-TAG", "<voice> is not allowed (line 2)."),
        ("<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", "E-SCRIPT-SSML",
         "Line 1: a document type definition is not allowed."),
        ("<speak>&nbsp;</speak>", "E-SCRIPT-SSML", "Line 1: this is no well-formed SSML (undefined entity)."),
        ("<speak>\na", "E-SCRIPT-SSML", "Line 2: this is no well-formed SSML (no element found)."),
        ("<speak><break time='99s'/></speak>", "E-SCRIPT-PAUSE",
         "Line 1: a pause of 99 s; the limit is 10 s."),
        ("<speak><break time='long'/></speak>", "E-SCRIPT-PAUSE", 'Line 1: "long" is no length of a pause.'),
        ("<speak><prosody rate='9'>a</prosody></speak>", "E-SCRIPT-STYLE",
         'Line 1: rate is "9"; the limits are 0.5 and 2 (factor).'),
        ("<speak><prosody pitch='200Hz'>a</prosody></speak>", "E-SCRIPT-STYLE",
         'Line 1: pitch is "200Hz"; the limits are -12 and 12 (semitones).'),
        ("<speak><emphasis level='huge'>a</emphasis></speak>", "E-SCRIPT-STYLE",
         'Line 1: there is no emphasis "huge".'),
        ("<speak><phoneme alphabet='x-sampa' ph='a'>a</phoneme></speak>", "E-SCRIPT-SAY",
         'Line 1: the alphabet "x-sampa" is not known.'),
        ("<speak>\n\n<phoneme ph='t3'>a</phoneme></speak>", "E-SCRIPT-SAY",
         'Line 3: what is to be said for "a" holds "3", which is no sign of the IPA.'),
        ("<speak xml:lang='klingonish'>a</speak>", "E-SCRIPT-LANG",
         'Line 1: "klingonish" is not a language.'),
        ("<speak><sub alias='x'>a<break/></sub></speak>", "E-SCRIPT-SSML",
         "Line 1: <break> inside <sub> is not allowed."),
        ("<speak>" + "<prosody>" * 40, "E-SCRIPT-SSML", "Line 1: more than 30 elements inside one another."),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_its_line(source, code, message):
    error = refusal(source)
    assert (error.code, error.message) == (code, message)
    assert error.hint


def test_a_document_type_is_refused_in_a_lesson_too():
    with pytest.raises(InputError, match="document type"):
        script.parse("<!DOCTYPE speak SYSTEM 'file:///etc/passwd'>\n<speak>Hello.</speak>")


@pytest.mark.parametrize("source", ["Hello.", "The <speak> tag", "# <speak>", "<speaker>"])
def test_other_lessons_are_not_taken_for_ssml(source):
    assert not ssml.is_ssml(source)


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_text_means_the_same_in_the_dialect(words):
    plain = " ".join(script.texts.clean(words)[0].split())
    source = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    try:
        lesson = script.parse(f"<speak xml:lang='en'>Begin {source} end</speak>")
    except InputError as error:
        assert error.code == "E-SCRIPT-SSML"  # noqa: PT017 - characters that XML does not allow
        return
    said = "".join(segment.text for segment in lesson.segments)
    assert "".join(said.split()) == "".join(f"Begin{plain}end".split())
