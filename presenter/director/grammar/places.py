"""Which slides and sentences somebody means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from presenter import text
from presenter.director import outline, wording
from presenter.director.edits import Edit, Insert
from presenter.director.grammar.words import NUMBER, TEXT, Grammar, unmarked
from presenter.director.replies import Answer, Context, Proposal, Reply
from presenter.types import Script, Segment, Slide

_Thing = TypeVar("_Thing", Slide, Segment, str)


class Unclear(Exception):
    """What somebody means could be several things.

    Args:
        said: the words that are unclear.
        candidates: what they may mean: a key, and how it is shown.
        asked: the question.
    """

    def __init__(self, said: str, candidates: Sequence[tuple[str, str]], asked: str) -> None:
        super().__init__(said)
        self.said = said
        self.candidates = tuple(candidates)
        self.asked = asked


class Settled(Exception):
    """The answer is known before everything is read, for instance that a slide is not there."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def bare(line: str) -> str:
    """A line's words alone, by which two sentences are compared."""
    return " ".join(line[a:b].casefold() for a, b in text.words(line))


@dataclass(frozen=True, slots=True)
class Places:
    """Finds what is named in a lesson.

    Args:
        fixed: words that were unclear -> the key that was chosen for them.
        texts: what stands for the marks of ``TEXT``.
        before: the edits of the wish before in the same message; None for the first wish.
    """

    grammar: Grammar
    context: Context
    fixed: Mapping[str, str]
    texts: Sequence[str]
    before: Sequence[Edit] | None = None

    @property
    def script(self) -> Script:
        if self.context.script is None:
            raise Settled(Answer(self.say("no-lesson")))
        return self.context.script

    def say(self, key: str, **values: object) -> str:
        """A sentence of the chat in the language of the conversation."""
        return wording.say(self.grammar.words.language, key, **values)

    def plain(self, words: str) -> str:
        """Words with the texts that were kept aside put back."""
        shown = re.sub(rf"{TEXT}(\d+){TEXT}", lambda match: self.texts[int(match[1])], words)
        return unmarked(shown).strip(" ,:：")

    # --- slides -------------------------------------------------------------------------------

    def slides(self, said: str) -> list[Slide]:
        """The slides that are named, in order."""
        own = self.script.slides
        way, match = self._way("slide", said)
        if match is None or way is None:
            answer = self.grammar.answers.fullmatch(unmarked(said).strip())
            number = self.grammar.ordinal(answer["o"]) if answer else self.grammar.number(said)
            return [self.numbered(own, number or 0, "slide")]
        if way == "all":
            return list(own)
        if way == "this":
            return [self.selected_slide()]
        if way == "about":
            return [self.about_slide(said, match["about"], own)]
        return [self.numbered(own, one, "slide") for one in self._numbers(match, len(own))]

    def is_slide(self, said: str) -> bool:
        """Whether the words name slides."""
        return self._way("slide", said)[1] is not None

    def names(self, said: str) -> bool:
        """Whether words that look like a slide's or a sentence's name hold one: "slides on the" does not."""
        for noun in ("slide", "sentence"):
            way, match = self._way(noun, said)
            if match is not None and way == "about":
                words = [match["about"][a:b] for a, b in text.words(self.plain(match["about"]))]
                return not all(re.fullmatch(self.grammar.words.filler, one, re.I) for one in words)
        return True

    def touched(self) -> Slide | Segment:
        """What "it" is: what is selected, or what was changed last; asked where that is not known."""
        pending, wanted = self.context.pending, ""
        if self.before is None:
            wanted = self.context.segment or self.context.slide
        edits = pending.edits if isinstance(pending, Proposal) else self.context.last
        names = {
            one.target
            for one in (edits if self.before is None else self.before)
            if not isinstance(one, Insert)
        }
        wanted = wanted or (names.pop() if len(names) == 1 else "")
        things: list[Slide | Segment] = [*self.script.slides, *self.script.segments]
        own = {one.id: one for one in things}
        if wanted in own:
            return own[wanted]
        choices = [(one.id, f"{n}: {one.title}") for n, one in enumerate(self.script.slides, 1)]
        return self._chosen("it", choices, self.say("which-slide"), self.script.slides)

    def touched_slide(self) -> Slide:
        """The slide that "it" is or is on."""
        found = self.touched()
        name = found.slide if isinstance(found, Segment) else found.id
        return next((one for one in self.script.slides if one.id == name), self.script.slides[0])

    def selected_slide(self) -> Slide:
        chosen = self.context.slide
        if not chosen and self.context.segment:
            chosen = next((one.slide for one in self.script.segments if one.id == self.context.segment), "")
        for one in self.script.slides:
            if one.id == chosen:
                return one
        choices = [(one.id, f"{n}: {one.title}") for n, one in enumerate(self.script.slides, 1)]
        return self._chosen("this slide", choices, self.say("which-slide"), self.script.slides)

    def about_slide(self, said: str, about: str, own: Sequence[Slide]) -> Slide:
        titles = [one for one in own if self.mentions(one.title, about)]
        found = titles or [one for one in own if self.mentions(one.markdown, about)]
        if not found:
            names = {one.slide for one in self.script.segments if self.mentions(one.text, about)}
            found = [one for one in own if one.id in names]
        if len(found) == 1:
            return found[0]
        shown = found or own
        choices = [(one.id, f"{n}: {one.title}") for n, one in enumerate(own, 1) if one in shown]
        return self._chosen(said, choices, self.say("which-slide"), own)

    # --- sentences ----------------------------------------------------------------------------

    def sentences(self, said: str, slide: Slide | None = None) -> list[Segment]:
        """The sentences that are named; ``slide`` is where, unless the words say so themselves."""
        words, named = self._on_slide(said)
        slide = named or slide
        own = self.said_on(slide)
        example = self._way("example", words)[1]
        if example:
            return [self.example(words, self.grammar.ordinal(example["o"]) if example["o"] else None, own)]
        way, match = self._way("sentence", words)
        if match is None or way is None:
            raise Settled(Answer(self.say("not-found", words=self.plain(said))))
        if way == "all":
            return list(own)
        if way == "this":
            return [self.selected_sentence(own)]
        if way in ("about", "quoted"):
            return [self.sentence_about(words, match["about"], own)]
        return [self.numbered(own, one, "sentence") for one in self._numbers(match, len(own))]

    def _on_slide(self, said: str) -> tuple[str, Slide | None]:
        """The words for a sentence without those for its slide, and that slide."""
        if self._way("sentence", said)[0] in ("number", "ordinal", "this", "all"):
            return said, None
        after, before = (edge for edge in self.grammar.words.between)
        slide = self.grammar.slots["slide"]
        for pattern in (
            rf"(?P<slide>{slide}){after}(?P<rest>.+)",
            rf"(?P<rest>.+){before}(?P<slide>{slide})",
        ):
            match = re.fullmatch(pattern, said, re.I)
            if match and self.is_slide(match["slide"]):
                return match["rest"], self.slides(match["slide"])[0]
        return said, None

    def said_on(self, slide: Slide | None) -> Sequence[Segment]:
        if slide is None and self.context.slide:
            slide = next((one for one in self.script.slides if one.id == self.context.slide), None)
        if slide is None:
            return self.script.segments
        own = outline.section_of(self.script, slide.id).segments
        if not own:
            raise Settled(Answer(self.say("silent-slide", title=slide.title)))
        return own

    def selected_sentence(self, own: Sequence[Segment]) -> Segment:
        for one in self.script.segments:
            if one.id == self.context.segment:
                return one
        return self.one_of("this sentence", own)

    def example(self, words: str, number: int | None, own: Sequence[Segment]) -> Segment:
        """The example of that number, negative from the end, among sentences."""
        noun = self.grammar.words.nouns["example"]
        found = [one for one in own if re.search(noun, one.text, re.I)]
        if found and number is not None and -len(found) <= number <= len(found) and number:
            return found[number - 1 if number > 0 else number]
        return self.one_of(words, found)

    def sentence_about(self, said: str, about: str, own: Sequence[Segment]) -> Segment:
        """The one sentence among these that holds the words; asked where there are several."""
        found = [one for one in own if self.mentions(one.text, about)]
        same = [one for one in found if bare(one.text) == bare(self.plain(about))]
        return self.one_of(said, same or found)

    def one_of(self, said: str, found: Sequence[Segment]) -> Segment:
        if len(found) == 1:
            return found[0]
        if not found:
            raise Settled(Answer(self.say("not-found", words=self.plain(said))))
        choices = [(one.id, one.text) for one in found]
        return self._chosen(said, choices, self.say("which-sentence"), found)

    # --- both ---------------------------------------------------------------------------------

    def things(self, said: str, slide: Slide | None = None) -> list[Slide | Segment]:
        """Slides or sentences."""
        if self.is_slide(said):
            return list(self.slides(said))
        return list(self.sentences(said, slide))

    def items(self, said: str, slide: Slide) -> list[str]:
        """Lines of a slide's list, as its source has them."""
        lines = self.lines(slide)
        way, match = self._way("item", said)
        if match is not None and way == "about":
            found = [line for line in lines if self.mentions(line, match["about"])]
            if len(found) == 1:
                return found
            choices = [(line, line) for line in found or lines]
            return [self._chosen(said, choices, self.say("which-item"), lines)]
        if match is None or way not in ("number", "ordinal"):
            raise Settled(Answer(self.say("not-found", words=self.plain(said))))
        return [self.numbered(lines, one, "item") for one in self._numbers(match, len(lines))]

    def lines(self, slide: Slide) -> list[str]:
        """The lines of a slide's list, as its source has them; settled with an answer where it has none."""
        section = outline.section_of(self.script, slide.id)
        lines = re.findall(
            r"^[ ]{0,3}(?:[-+*]|\d{1,9}[.)])[ \t]+\S.*$", self.script.source[section.head : section.end], re.M
        )
        if not lines:
            raise Settled(Answer(self.say("no-list", title=slide.title)))
        return lines

    def _way(self, noun: str, said: str) -> tuple[str | None, re.Match[str] | None]:
        for way, pattern in self.grammar.references[noun].items():
            match = pattern.fullmatch(said.strip())
            if match:
                return way, match
        return None, None

    def _numbers(self, match: re.Match[str], count: int) -> list[int]:
        """Numbers from 1, or negative ones from the end."""
        groups = match.groupdict()
        if groups.get("o"):
            first = self.grammar.ordinal(groups["o"]) or 0
            many = self.grammar.number(groups["c"]) or 1 if groups.get("c") else 1
            if many == 1 or first == 0:
                return [first]
            if first < 0:
                return list(range(count + first - many + 2, count + first + 2))
            return list(range(first, first + many))
        start = match.start("n") - match.start()
        rest = match[0][start:]
        found = [
            number
            for one in re.findall(rf"\d+|{NUMBER}[^{NUMBER}]+{NUMBER}", rest)
            if (number := self.grammar.number(one)) is not None
        ]
        if not found:
            raise Settled(Answer(self.say("not-found", words=self.plain(match[0]))))
        spread = re.search(r"\d\s*(?:-|–|to|through|bis|a|à|से|到)\s*\d", rest)
        if spread and len(found) == 2 and found[0] < found[1] <= found[0] + 200:
            return list(range(found[0], found[1] + 1))
        return found

    def numbered(self, things: Sequence[_Thing], number: int, kind: str) -> _Thing:
        if number and -len(things) <= number <= len(things):
            return things[number - 1 if number > 0 else number]
        raise Settled(Answer(self.say(f"no-such-{kind}", number=number, count=len(things))))

    def _chosen(
        self, said: str, choices: Sequence[tuple[str, str]], asked: str, own: Sequence[_Thing]
    ) -> _Thing:
        for one in own:
            if self.fixed.get(said) == (one if isinstance(one, str) else one.id):
                return one
        raise Unclear(said, choices, asked)

    def mentions(self, line: str, about: str) -> bool:
        """Whether a text is about some words: each of them is in it, whatever its ending."""
        about = self.plain(about)
        filler = rf"(?:{self.grammar.words.filler})" if self.grammar.words.filler else r"(?!)"
        if not self.grammar.words.spaced:
            return re.sub(rf"^{filler}|{filler}$", "", about) in line
        have = [line[a:b].casefold() for a, b in text.words(line)]
        want = [about[a:b].casefold() for a, b in text.words(about)]
        want = [word for word in want if not re.fullmatch(filler, word)] or want
        stems = [word[: max(4, len(word) - 2)] for word in want]
        return bool(stems) and all(any(word.startswith(stem) for word in have) for stem in stems)
