"""What concepts mean together. A rule names all concepts that it can make sense of: a wish that holds any
other, or an unknown word, is none of its wishes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from presenter.director.grammar.concepts import asks, looks, orders, texts
from presenter.director.grammar.concepts.saying import SILENT, Saying
from presenter.director.grammar.reading import Found


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of wish.

    Args:
        needs: of each group (parted by spaces) one concept (parted by bars) is there.
        may: what else may be there.
    """

    name: str
    needs: str
    may: str
    act: Callable[[Saying], Found]

    def fits(self, kinds: frozenset[str]) -> bool:
        """Whether a wish of these concepts is one of this kind."""
        groups = [set(group.split("|")) for group in self.needs.split()]
        known = set(self.may.split()).union(*groups)
        return kinds - SILENT <= known and all(group & kinds for group in groups)


_STYLE = "reference by it this lesson all voice head say change bit much more too not use on to part except only from until onwards raise low move"
_WHERE = "reference on part lesson it this all both"

RULES: Sequence[Rule] = (
    Rule("same", "reference also", "on it to", looks.same),
    Rule("leave", "not delete|change|move|replace|swap|merge", f"{_WHERE} out sentence slide", orders.leave),
    Rule("speed", "slow|fast", f"{_STYLE} speed twice half percent number", looks.speed),
    Rule("speed", "speed raise|low|half|twice|delete|much|bit|more|out", f"{_STYLE} percent number to", looks.pace),
    Rule("speed", "speed|times-sign number|percent|normal", "reference lesson all voice on to change say it this say", looks.speed_value),
    Rule("lively", "lively", f"{_STYLE} without", looks.lively),
    Rule("calm", "calm|dull", f"{_STYLE} without", looks.calm),
    Rule("pitch", "voice|pitch|say high|low", _STYLE + " raise", looks.pitch),
    Rule("loud", "loud|quiet", f"{_STYLE} words text word", looks.loud),
    Rule("pause", "pause", "reference delete without not off out all add seconds unit number fraction before after between long short more much bit "
         "half twice on to it this part change say by low raise only lesson both from too normal small big slow", looks.pause),
    Rule("delete", "delete|go|out|need|without", "reference not all on part it this move also word text item only one from until onwards except both lesson rest list", orders.delete),
    Rule("keep", "keep|only|need", "reference only lesson all delete except rest", orders.keep),
    Rule("delete", "delete|go all|lesson|it", "reference except rest lesson all not", orders.delete_rest),
    Rule("swap", "swap", "reference number ordinal by both to it move change", orders.swap),
    Rule("merge", "merge", "reference number by both to change one slide single", orders.merge),
    Rule("split", "split", "reference after before on slide from to it move", orders.split),
    Rule("move", "reference|it before|after|first|last|to", "move change reference on it this part all from to ordinal one rest", orders.move),
    Rule("copy", "copy", "reference after before this it", orders.copy),
    Rule("title", "rename|title", "text words reference to on lesson change it this part name write by slide all", texts.title),
    Rule("rewrite", "reference text", "change replace say write to by instead word not on typo", texts.rewrite),
    Rule("replace", "text do", f"{_WHERE} say put bit much light small words word too not instead", texts.quoted),
    Rule("replace", "text|words", "replace change write say instead not to by word reference on typo all lesson swap part use stead-of it number", texts.replace),
    Rule("delete-words", "delete|out|go|without text|words", "word reference on lesson all part from", texts.delete_words),
    Rule("stress", "stress text|words", "word much more bit reference on by say part lesson it slow", texts.stress),
    Rule("add", "item text", "new reference on to list", texts.add),
    Rule("add", "add|say|write|put|show text", "reference before after first last on to sentence item list slide new more part word lesson title rename", texts.add),
    Rule("layout", "left|right|top|full|beside|middle|small|big|name-below|auto|normal", "head slide layout bottom reference on move hide only show it this lesson all out both "
         "bit much more to from change use too part name by full", looks.layout),
    Rule("layout", "head|slide hide|only|without|delete|not|off|out", "head slide hide only without delete not off out show reference on lesson it this all need name move keep", looks.layout),
    Rule("captions", "captions", "on off without delete not hide out show add use enable burned all lesson need by soft to picture layout always also", looks.captions),
    Rule("captions", "captions tongue", "on to show add use lesson by change all", looks.captions_tongue),
    Rule("format", "vertical|square|wide|hd", "format lesson it this all to on by use change slide number show", looks.shape),
    Rule("theme", "dark|light", "theme lesson it this all to on by use change slide bit much more", looks.theme),
    Rule("theme", "theme name", "lesson it to use change by on", looks.theme),
    Rule("voice", "voice mine", "use by say on to lesson change", looks.own_voice),
    Rule("voice", "voice name", "use by say on to lesson change all it from show", looks.voice),
    Rule("voice", "name", "use by say head voice to lesson on change all it show instead want", looks.person),
    Rule("voice", "voice another|new", "use on to change by it", looks.another_voice),
    Rule("music", "music", "on off without delete not out add use by hide low some lesson", looks.music),
    Rule("transition", "transition", "on off without delete not out add use by hide between slide lesson all to reference soft", looks.transition),
    Rule("head", "cutout", "head use on it", looks.cutout),
    Rule("restart", "restart", "lesson it this all on to undo again", asks.restart),
    Rule("delete-about", "delete|go|out words", "part word on lesson all need from it", texts.delete_about),
    Rule("impersonate", "say|voice|head words", "by use to on it this lesson like all change need", asks.impersonate),
    Rule("pronounce", "pronounce|say text|words", "to by word reference on number it like all lesson", texts.pronounce),
    Rule("undo", "undo", "it this changes ordinal number all more on to", asks.undo),
    Rule("undo", "changes low number", "it this on to more ordinal", asks.undo),
    Rule("redo", "redo", "it this changes ordinal again", asks.redo),
    Rule("restore", "version", "undo redo number ordinal before to on show it this first reference use", asks.restore),
    Rule("history", "show changes|version", "all it this on before out", asks.history),
    Rule("render", "render", "lesson it this show to now out on", asks.request("render")),
    Rule("preview", "preview|show", "lesson it this reference how on preview", asks.preview),
    Rule("cost", "cost", "lesson it this all long on out render show", asks.request("estimate")),
    Rule("stop", "cancel", "lesson it this render", asks.request("cancel")),
    Rule("status", "status", "lesson it this render", asks.request("status")),
    Rule("download", "download", "lesson it this captions render", asks.request("download")),
    Rule("verify", "verify", "lesson it this", asks.request("verify")),
    Rule("help", "help", "it this lesson on to change say show", asks.help_),
)  # fmt: skip
