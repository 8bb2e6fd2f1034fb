"""Delivery: a segment as the parts that a speaker says one after the other, joined into one sound.

A part has one language and one way of saying it. Parts of one language without silence between them are
a phrase. An ``engines.Director`` changes its voice inside a phrase; any other speaker says a new phrase
wherever speed, pitch or range change, and leaves emphasis and sounds out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from presenter import text as texts
from presenter.engines import Director, Speaker
from presenter.types import Arrays, Part, Samples, Segment, Span, Stretch, Style, Timing, Wave

GAP = 0.06
"""Silence between two phrases without punctuation between them (s)."""
GAP_CLAUSE = 0.22
"""After a comma and its kind (s)."""
GAP_SENTENCE = 0.45
"""After a full stop and its kind (s)."""
_FAINT = 10 ** (-45 / 20)
"""Share of its peak below which the ends of a phrase count as silence."""
_MARGIN = 0.01
"""What stays around a phrase (s); it fades there, so nothing clicks."""
_MOST_LEVELLED = 10 ** (4 / 20)
"""Factor by which a phrase is made louder or softer at most, to be as loud as the first."""
_CLOSERS = ".,;:!?…)]}\"'”’»。，；：！？、）」』।॥%"
_SENTENCE_ENDS = ".!?…。！？।॥"
_CLAUSE_ENDS = ",;:，；：、—–"


def read(segment: Segment, lexicon: Callable[[str], Mapping[str, str]]) -> texts.Reading:
    """What is spoken for a segment's text: each stretch is read by the rules of its language.

    Args:
        lexicon: BCP 47 tag -> the words of that language that are said in another way than written.
    """
    readings: list[tuple[str, texts.Reading]] = []
    for start, end, language in _languages(segment):
        written = segment.text[start:end]
        own = [
            replace(say, start=max(say.start, start) - start, end=min(say.end, end) - start)
            for say in segment.pronunciations
            if say.start < end and say.end > start
        ]
        readings.append((written, texts.read(written, language, own, lexicon(language))))
    return texts.joined(readings)


def _languages(segment: Segment) -> Iterator[tuple[int, int, str]]:
    """The segment's text as spans [start, end) of one language each."""
    at = 0
    for stretch in segment.stretches:
        if stretch.language != segment.language:
            if at < stretch.start:
                yield at, stretch.start, segment.language
            yield stretch.start, stretch.end, stretch.language
            at = stretch.end
    if at < len(segment.text):
        yield at, len(segment.text), segment.language


def parts(segment: Segment, reading: texts.Reading, style: Style) -> tuple[Part, ...]:
    """What a speaker is to say for a segment, in order.

    Args:
        reading: of the segment's text, as ``read`` gives it.
        style: the lesson's; the segment's own lie over it.

    Returns:
        At least one part; their texts together are the reading's.
    """
    placed = [(reading.spoken(one.start, one.end), one) for one in segment.stretches]
    sounds = {(start, end): sound for start, end, sound in reading.sounds()}
    pauses: dict[int, float] = {}
    for pause in segment.pauses:
        at = reading.spoken(pause.at, pause.at + 1)[0]
        pauses[at] = pauses.get(at, 0.0) + pause.seconds
    edges = {0, len(reading.text), *pauses}
    edges.update(edge for span, _ in placed for edge in span)
    edges.update(edge for span in sounds for edge in span)
    cuts = sorted(edge for edge in edges if 0 <= edge <= len(reading.text))
    plain = Stretch(0, 0, segment.style, segment.language)
    found: list[Part] = []
    for start, end in itertools.pairwise(cuts):
        way = next((one for (first, last), one in placed if first <= start < last), plain)
        found.append(
            Part(
                reading.text[start:end], way.language, style.changed_by(way.style),
                sounds.get((start, end), ""), pauses.get(end, 0.0),
            )
        )  # fmt: skip
    return tuple(_worded(found)) or (Part(reading.text, segment.language, style.changed_by(segment.style)),)


def _worded(found: Sequence[Part]) -> list[Part]:
    """The parts, with those that have no word of their own joined to the one before or after."""
    out: list[Part] = []
    before = ""
    for part in found:
        if not any(map(texts.is_word, part.text)):
            if out:
                out[-1] = replace(out[-1], text=out[-1].text + part.text, pause=out[-1].pause + part.pause)
            else:
                before += part.text
            continue
        closers = len(part.text) - len(part.text.lstrip(_CLOSERS))
        if out and closers:  # punctuation stays with the words before it
            out[-1] = replace(out[-1], text=out[-1].text + part.text[:closers])
            part = replace(part, text=part.text[closers:])
        out.append(replace(part, text=before + part.text))
        before = ""
    return out


def perform(
    said: Sequence[Part], *, speaker: Speaker, voice: Arrays, seed: int = 0
) -> tuple[Wave, Timing | None]:
    """Say parts one after the other.

    Returns:
        The sound at the engine's rate with the parts' silences in their places, and when each word and
        phoneme is heard, or None where the engine does not know. Word labels are substrings of the
        parts' texts in order. The same arguments give the same samples.

    Raises:
        InputError: ``E-SCRIPT-LANG`` for a language that the engine cannot speak.
    """
    directs = isinstance(speaker, Director)
    phrases = _phrases(said if directs else [_plain(part) for part in said], directs)
    spoken: list[_Phrase] = []
    for index, phrase in enumerate(phrases):
        if index + 1 < len(phrases):
            phrase = [*phrase[:-1], _continued(phrase[-1])]
        if isinstance(speaker, Director):
            wave, timing = speaker.perform(phrase, voice, seed=seed)
        else:
            text, first = "".join(part.text for part in phrase), phrase[0]
            wave, timing = speaker.speak(text, first.language, voice, style=first.style, seed=seed)
        spoken.append(_Phrase(wave, timing, _silence_after(phrases[index])))
    if len(spoken) == 1:
        return spoken[0].wave, spoken[0].timing
    return _joined(spoken, level=not directs)


def _plain(part: Part) -> Part:
    return replace(part, style=replace(part.style, emphasis=0), sound="")


def _phrases(said: Sequence[Part], directs: bool) -> list[list[Part]]:
    phrases: list[list[Part]] = []
    for part in said:
        before = phrases[-1][-1] if phrases else None
        together = before and not before.pause and before.language == part.language
        if together and before and (directs or before.style == part.style):
            phrases[-1].append(part)
        else:
            phrases.append([part])
    return phrases


def _continued(part: Part) -> Part:
    """The part with a comma where it has no punctuation, so that the voice does not fall as at an end."""
    text = part.text.rstrip()
    if text and not (texts.is_word(text[-1]) or part.sound):
        return part
    comma = "，" if texts.base(part.language) in ("zh", "cmn", "yue", "ja") else ","
    return replace(part, text=text + comma + part.text[len(text) :])


def _silence_after(phrase: Sequence[Part]) -> float:
    last = phrase[-1]
    if last.pause:
        return last.pause
    ends = last.text.rstrip().rstrip("\"'”’»)]}」』）")[-1:]
    if ends and ends in _SENTENCE_ENDS:
        return GAP_SENTENCE
    return GAP_CLAUSE if ends and ends in _CLAUSE_ENDS else GAP


@dataclass(frozen=True, slots=True, eq=False)
class _Phrase:
    wave: Wave
    timing: Timing | None
    silence: float
    """After it (s)."""


def _joined(spoken: Sequence[_Phrase], *, level: bool) -> tuple[Wave, Timing | None]:
    """The phrases as one sound; ``level`` makes all about as loud as the first."""
    rate = spoken[0].wave.rate
    sounds: list[Samples] = []
    words: list[Span] = []
    phonemes: list[Span] = []
    at = 0
    for index, phrase in enumerate(spoken):
        first, last = _heard(phrase.wave)
        sound = _faded(phrase.wave.samples[first:last], rate)
        if level and sounds:
            sound = sound * _levelling(sounds[0], sound)
        silence = round(phrase.silence * rate) if index + 1 < len(spoken) else 0
        # The margins around two phrases are part of the silence between them.
        silence = max(0, silence - 2 * round(_MARGIN * rate))
        start, end, after = at / rate, (at + len(sound)) / rate, (at + len(sound) + silence) / rate
        if phrase.timing is not None:
            shift = start - first / rate
            words += _clipped(phrase.timing.words, shift, start, end)
            phonemes += [
                span for span in _clipped(phrase.timing.phonemes, shift, start, end) if span.end > span.start
            ]
            if after > end:
                phonemes.append(Span("", end, after))
        sounds += [sound, np.zeros(silence, np.float32)]
        at += len(sound) + silence
    known = all(phrase.timing is not None for phrase in spoken)
    return Wave(np.concatenate(sounds), rate), Timing(tuple(words), tuple(phonemes)) if known else None


def _heard(wave: Wave) -> tuple[int, int]:
    """The samples [first, last) from a little before its first sound to a little after its last."""
    loud = np.abs(wave.samples)
    heard = np.flatnonzero(loud > max(float(loud.max(initial=0.0)) * _FAINT, 1e-4))
    if len(heard) == 0:
        return 0, 0
    margin = round(_MARGIN * wave.rate)
    return max(0, int(heard[0]) - margin), min(len(loud), int(heard[-1]) + 1 + margin)


def _faded(sound: Samples, rate: int) -> Samples:
    sound = sound.copy()
    count = min(round(_MARGIN / 2 * rate), len(sound) // 2)
    rise = np.sin(np.linspace(0.0, np.pi / 2, count, endpoint=False, dtype=np.float32)) ** 2
    sound[:count] *= rise
    sound[len(sound) - count :] *= rise[::-1]
    return sound


def _levelling(first: Samples, sound: Samples) -> np.float32:
    loud, own = (
        float(np.sqrt(np.mean(one.astype(np.float64) ** 2))) if len(one) else 0.0 for one in (first, sound)
    )
    factor = loud / own if own > 0 else 1.0
    peak = float(np.abs(sound).max(initial=0.0))
    factor = min(max(factor, 1 / _MOST_LEVELLED), _MOST_LEVELLED, 0.99 / peak if peak > 0 else 1.0)
    return np.float32(factor)


def _clipped(spans: Sequence[Span], shift: float, start: float, end: float) -> list[Span]:
    def at(time: float) -> float:
        return min(max(time + shift, start), end)

    return [Span(span.label, at(span.start), at(span.end)) for span in spans]
