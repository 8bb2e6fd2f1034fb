"""English."""

from presenter.director.grammar.words import Words

_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]
_IT = r"(?:it|(?P<this>this|this one|this part)|that|everything|all of it|the lesson|the video|the whole (?:thing|lesson|video))"
_VOICE = r"(?:the )?(?:voice|speech|speaker|presenter|teacher|narration|him|her|them)"
_WHO = r"(?:the )?(?:presenter|teacher|speaker|head|face|avatar|person|man|woman|lady|guy)"
_SLIDES = r"(?:the )?(?:slides?|deck|text|bullets|pictures?)"
_CAPTIONS = r"(?:the )?(?:captions?|subtitles?|subs|cc)"
_LABEL = (
    r"(?:the |that |this |your |any |a |an )?(?:(?:ai|visible|little|small|corner|synthetic) )*"
    r"(?:label|watermarks?|disclaimer|disclosure|ai notice|ai[- ]generated (?:notice|label|mark|text)|mark|"
    r"notice|content credentials|credentials|c2pa)"
)

WORDS = Words(
    language="en",
    numbers={word: number for number, word in enumerate(_NUMBERS) if word != "one"} | {"a couple of": 2},
    ordinals={word: number for number, word in enumerate(_ORDINALS, 1)}
    | {
        "last": -1, "final": -1, "very last": -1, "very first": 1, "second to last": -2, "next to last": -2,
        "second last": -2, "opening": 1, "closing": -1,
    },
    nouns={
        "slide": r"slides?|pages?|screens?",
        "sentence": r"sentences?|lines?|phrases?|ones?(?= (?:about|with|on|where|that|which))",
        "item": r"bullets?(?: points?)?|items?|list items?|points?",
        "example": r"examples?",
    },
    references={
        "number": r"(?:the )?N (?:number |no\.? ?|nr\.? ?|# ?)?{n}(?:(?: ?, ?| and | & |, and | to | through |-|–){n})*",
        "ordinal": r"(?:the )?{o}(?: {c})? N",
        "this": r"(?:this|the current|the selected|the present) N",
        "about": r"(?:the |that )?N (?:about|on|with|called|titled|named|where|that (?:says|talks about|mentions)|"
        r"which (?:says|mentions)|mentioning|containing|starting with|beginning with)(?: the)? {about}",
        "example": r"(?:the |that |your )?(?:{o} )?N",
        "all": r"(?:all|every|each|all of)(?: the)? N",
    },
    on=(
        r"(?:on|for|in|at|during|over)? ?{slide}[,:]? ",
        r"(?:,? (?:on|of|in|from|for|at|during|over)) (?:{slide}|{sentence})",
    ),
    between=(r",? ", r" (?:on|of|in|from|over|at|under) "),
    verbs={
        "delete": r"delete|remove|drop|cut(?: out)?|erase|take out|get rid of|kill|scrap|lose|throw (?:out|away)|"
        r"leave out|skip|ditch|strike|omit",
        "move": r"move|put|place|shift|drag|bring|push|pull|send",
        "swap": r"swap|switch|exchange|flip",
        "replace": r"replace|exchange|swap|substitute|switch",
        "change": r"change|rewrite|reword|rephrase|edit|update|turn|correct|fix|make|set|replace",
        "add": r"add|insert|put(?: in)?|include|append|write|say|squeeze in|slip in",
        "use": r"use|take|choose|pick|try|switch to|change to|go with|i(?:'d| would)? (?:want|like|prefer)|set|give me|"
        r"make it|have",
        "make": r"make|create|write|build|start|prepare|do|generate|produce|draft|give me|i(?:'d| would)? (?:like|want|need)",
        "speak": r"speak|talk|read|say (?:it|this|that)|go|present|be|sound|narrate",
        "slower": r"slower|more slowly|slow(?:ly)?|at a slower (?:pace|speed)",
        "faster": r"faster|quicker|more quickly|quickly|fast|at a (?:faster|higher) (?:pace|speed)",
    },
    phrases=(
        # --- what is never done
        ("label", "", rf"(?:turn|switch|take|get|put) (?:off )?{_LABEL}(?: (?:off|away|out|down))?.*"),
        ("label", "", rf"(?:hide|remove|delete|drop|disable|erase|kill|get rid of|take off|cover(?: up)?|strip|blur|lose) "
         rf"{_LABEL}.*"),
        ("label", "", rf"(?:make (?:it|the video|one) )?(?:without|no|with no) {_LABEL}.*"),
        ("label", "", rf"(?:i )?(?:do not|don'?t) (?:want|show|add|need|include) {_LABEL}.*"),
        ("label", "", rf"{_LABEL} (?:off|away|must go|should go|has to go)"),
        ("label", "", r"(?:say|tell (?:them|us|people|me)|claim|pretend|act like|write) (?:that )?(?:you|she|he|ada|ben|mei|"
         r"the presenter)(?:'re| are|'s| is) (?:a |an )?(?:real|actual|living|genuine|true|human|not (?:an? )?"
         r"(?:ai|robot|machine|computer)).*"),
        ("human", "", r"(?:who|what) are you"),
        ("thanks", "", r"(?:it |that |this )?looks (?:great|nice|amazing|awesome|lovely)|(?:good|nice|great) (?:job|work)|love it|:-?\)|lol|haha"),
        ("thanks", "", r"(?:thanks?|thank you|thx|cheers)(?: (?:a lot|so much|very much|you))*|(?:very |that'?s )?(?:nice|great|cool|awesome|well done)"),
        ("impersonate", "", r".*\b(?:the|our|my country'?s) (?:pope|president|prime minister|chancellor|king|queen|mayor|governor|dalai lama) (?:who )?(?:say|tell|announc|admit|speak|talk|explain|promis)\w*.*"),
        ("compose", "", r"(?:add|write|make|give me|create|insert|include)(?: me| us)?(?: (?:a|an|some|the|two|three|five|\d+|short|little|new|more))* (?:quiz(?:zes)?|questions?|tests?|exercises?|summary|recap|introduction|intro|"
         r"conclusion|outline|joke)(?: (?:at|to|for|about|on|in|after|before) .*)?"),
        ("voice-kind", "", r"(?:use |with |give me |i want |take )?(?:a |another |some )?(?:male|female|man'?s|woman'?s|deep|young|old|different|other|new|nicer|friendly|friendlier) voice"),
        ("human", "", r"are you (?:a |an )?(?:real|human|person|robot|ai|bot|machine|computer|chatgpt|alive).*"),
        ("impersonate", "", r".*\b(?:deep ?fakes?|face ?swap)\b.*"),
        # --- requests
        ("request", "approve", r"(?:yes,? )?(?:approve|accept|apply|looks good|that'?s (?:right|good|fine)|do that|do it|"
         r"perfect|great|(?:i'?m|i am) (?:happy|fine|ok(?:ay)?|good)(?: with)?|all good|that works)(?: (?:it|this|that|the changes?))?"),
        ("request", "discard", r"(?:no,? )?(?:discard|reject|forget (?:it|that|about it)|never ?mind|don'?t|leave it)(?: "
         r"(?:it|that|the changes?))?"),
        ("request", "render", r"(?:go ahead|ok|okay|yes|and|now|go)?,?(?: and| then)? ?(?:(?:re-?)?render|make|create|produce|generate|"
         r"build|export|publish|finish)(?: (?:it|this|that|the|my|a|video|movie|film|lesson|now|again|final|please))*"),
        ("request", "render", r"(?:i(?:'m| am) )?(?:ready|done|finished),? (?:make|render) (?:it|the video)|let'?s (?:render|"
         r"make (?:it|the video))|video please|go ahead(?: and (?:make|render) (?:it|the video))?"),
        ("request", "preview", r"(?:show me |make |give me |can i see |i want )?(?:a |the )?(?:quick |short )?(?:preview|draft)"
         r"(?: (?:it|version|please|first|render))*|preview (?:it|this|that|the (?:video|lesson))|let(?:'s| me) (?:see|look at|watch) "
         r"(?:it|that)(?: first)?|(?:show me |let me see |i want to see )?(?:what (?:does|will|would) (?:it|that|the video) look like|(?:what|how) (?:it|that|the video) (?:will |would )?looks?(?: like)?)"),
        ("request", "estimate", r"how (?:long|much time|much)(?: \w+)* (?:take|need|cost|last|be|render(?:ing)?)(?: .*)?|"
         r"(?:estimate|what(?:'s| is) the (?:price|cost|estimate|length))(?: .*)?|when (?:is|will) (?:it|the video)(?: be)? "
         r"(?:ready|done|finished)|how long (?:is|will) (?:it|the (?:video|lesson))(?: be)?"),
        ("request", "cancel", r"(?:stop|cancel|abort|halt)(?: (?:it|that|this|the|my|video|render(?:ing)?|job|making))*"),
        ("request", "status", r"(?:what(?:'s| is) the (?:status|progress)|how far (?:is it|are you)|are you done(?: yet)?|is it "
         r"(?:done|ready|finished)(?: yet)?|status|progress)"),
        ("request", "undo", r"(?:undo|revert|take (?:it|that) back|go back(?: one(?: step)?)?|back|one step back)(?: "
         r"(?:it|that|this|the|last|my|change|edit|step|one|please))*|"
         r"(?:that|this) (?:was|is) (?:wrong|a mistake|not (?:what i (?:meant|wanted)))"),
        ("request", "redo", r"redo(?: (?:it|that|the|last|change))*|(?:do (?:it|that) again|un-?undo|one step forward)|(?:bring|put|get|give me) (?:it|that|this) back"),
        ("request", "history", r"(?:show(?: me)? |see |list |what are |open )?(?:all )?(?:the |my )?(?:(?:earlier|older|previous|"
         r"old|past) )?(?:history|versions?(?: history)?|changes so far)"),
        ("request", "verify", r"(?:verify|check|validate|authenticate)(?: (?:this|that|a|the|my|video|file|it))*(?: (?:is )?"
         r"(?:real|genuine|yours|from (?:you|here)))?|(?:is|was) (?:this|that|the) (?:video|file|clip)(?: really)? (?:real|fake|"
         r"genuine|from (?:you|here)|yours|made (?:here|by you))"),
        ("request", "help", r"help(?: me)?|what can (?:you|i) (?:do|say|ask)(?: here)?|how (?:does|do) (?:this|it|i|you)(?: .*)?|"
         r"\?|commands|instructions|what now|hi|hello|hey|good (?:morning|afternoon|evening)"),
        ("request", "download", r"(?:download|save|give me|export)(?: (?:the|my|it|this|file|video|mp4|subtitles?|captions?|"
         r"transcript))+|(?:where|how) (?:do|can|could) i (?:get|find|download|save|see) (?:the |my )?(?:mp4|video|file|film|result|transcript|subtitles)|where(?: i|')s (?:the |my )?(?:mp4|video|file)"),
        ("own-voice", "", r"(?:i want (?:to )?|can i )?(?:(?:use|take|speak (?:with|in)|have|hear)(?: (?:it|this))? )?(?:with |in )?my (?:own )?voice"),
        ("request", "enrol", r"(?:i want to |let me |can i |how (?:do|can) i )?(?:record|add|enrol|enroll|clone|make|create) (?:my "
         r"(?:own )?)?voice|clone my (?:own )?voice"),
        ("request", "forget-voice", r"(?:delete|remove|erase|forget) (?:all )?(?:of )?my voices?"),
        ("request", "forget-lesson", r"delete everything|(?:delete|remove|erase|forget) (?:this|the|my)(?: whole| entire)? (?:lesson|video|project)"),
        # --- how it looks
        ("start-over", "", r"(?:let'?s |i want to )?(?:start|begin) (?:all )?(?:over|again|afresh|anew|from scratch|from the (?:beginning|start))(?: again)?|"
         r"(?:go )?(?:all the way )?back to (?:the (?:start|beginning|first version)|square one)|reset(?: (?:everything|it|all(?: of it)?|the lesson))?|"
         r"(?:scrap|wipe|throw(?: away)?|trash|undo) (?:it all|everything|all of it|all (?:the )?changes)(?: away| out)?"),
        ("louder", "", r"(?:<speak> |make (?:it|this|that) |be )?{much}? ?(?:louder|quieter|softer|more quietly|more loudly)|"
         r"(?:turn|crank|put) (?:(?:up|down) (?:the )?(?:volume|sound)|(?:the )?(?:volume|sound) (?:up|down))|(?:the )?volume (?:up|down)"),
        ("pauses-off", "all", r"(?:<delete>|no(?: more)?|without|stop|don'?t make)(?: all| any| every| each| of| the| those| these)* (?:pauses|breaks|silences|silence)|"
         r"(?:<delete>) (?:every|each|any) (?:pause|break|silence)"),
        ("pauses-off", "one", r"<delete> (?:the|that|this) (?:pause|break|silence)"),
        # --- how it looks
        ("layout", "side-by-side", rf"(?:{_WHO} and {_SLIDES}|{_SLIDES} and {_WHO})?(?: ?(?:should be|to be))? ?side[- ]by[- ]side"
         r"(?: layout)?|half (?:and|/) half|next to each other"),
        ("layout", "pip-left", rf"(?:{_WHO}|me|him|her|ada|ben|mei)? ?(?:(?:should|must|goes|be|stand|sit|is|moved) )*(?:(?:on|to|at|in) )?"
         r"(?:the )?(?:bottom |lower )?left(?: (?:side|corner|hand side))?(?: of (?:the )?(?:screen|picture|slides?))?"),
        ("layout", "pip-right", rf"(?:{_WHO}|me|him|her|ada|ben|mei)? ?(?:(?:should|must|goes|be|stand|sit|is|moved) )*(?:(?:on|to|at|in) )?"
         r"(?:the )?(?:bottom |lower )?right(?: (?:side|corner|hand side))?(?: of (?:the )?(?:screen|picture|slides?))?"),
        ("layout", "pip-left", rf"{_SLIDES} (?:should be )?(?:on|to) the right"),
        ("layout", "pip-right", rf"{_SLIDES} (?:should be )?(?:on|to) the left"),
        ("layout", "pip-top-left", rf"(?:{_WHO}|me|him|her|ada|ben|mei)? ?(?:(?:on|to|at|in) )?(?:the )?(?:top|upper)[- ]left(?: corner)?"),
        ("layout", "pip-top-right", rf"(?:{_WHO}|me|him|her|ada|ben|mei)? ?(?:(?:on|to|at|in) )?(?:the )?(?:top|upper)[- ]right(?: corner)?"),
        ("layout", "lower-third", r"(?:with |as )?(?:a )?lower[- ]third(?: layout)?|(?:show |with )(?:my |the |a )?name (?:below|under|in) (?:the )?(?:presenter|picture)"),
        ("transition", "none", r"(?:no|without|remove|turn off)(?: the)? (?:transitions?|fades?|effects?)|hard cuts?"),
        ("transition", "fade", r"(?:with |use |smooth |soft )*(?:cross-?fades?|fades?|fading|smooth transitions?)(?: between(?: the)? slides)?"),
        ("transition", "push", r"(?:with |use )?(?:a )?(?:push(?:ing)?|sliding|slide) (?:transitions?|effect)|push the slides"),
        ("head", "cutout", r"(?:remove|cut out|take away|without|no|hide) (?:the |my )?(?:presenter'?s? )?background(?: (?:of|behind) (?:the )?(?:presenter|photo|head))?|cut (?:the )?presenter out"),
        ("head", "photo", r"(?:with|show|keep|bring back) (?:the |my )?(?:photo'?s? )?background"),
        ("layout", "slide-only", rf"(?:no|without(?: the)?|hide|remove|lose|take away|don'?t show|drop) {_WHO}(?:,? ?(?:just|only) {_SLIDES})?|"
         rf"(?:just|only)(?: show)? {_SLIDES}|{_SLIDES} only|(?:show )?(?:just|only) {_SLIDES}|{_SLIDES} full ?screen"),
        ("layout", "full", rf"(?:show )?(?:just|only) {_WHO}|{_WHO} (?:only|alone)|(?:{_WHO}|him|her|ada|ben|mei)? ?(?:in )?(?:full[- ]?"
         rf"(?:screen|frame|size)?|big|large|whole screen)(?: view)?|(?:no|without|hide) {_SLIDES}"),
        ("layout", "auto", r"(?:automatic|auto|normal|default|standard|usual) layout"),
        ("head-size", "", rf"{_WHO} (?:(?:a )?(?:bit|little|lot|much) )?(?:smaller|bigger|larger)|(?:smaller|bigger|larger) {_WHO}"),
        ("captions", "burned", rf"(?:burn(?:ed)?(?:[- ]in)?|hard-?coded?|open|permanent|always show|fixed) (?:in )?{_CAPTIONS}(?: "
         rf"(?:in|into|on|onto)(?: (?:the )?(?:picture|video|image))?)?|{_CAPTIONS} (?:burn(?:ed|t)?(?:[- ]in)?|(?:in|on|into) the "
         r"(?:picture|video|image))"),
        ("captions", "none", rf"(?:no|without|hide|remove|delete|get rid of|lose|turn off|switch off|disable|drop|don'?t (?:want|show)) {_CAPTIONS}|"
         rf"(?:turn|switch) {_CAPTIONS} off|{_CAPTIONS} (?:off|away)"),
        ("captions", "soft", rf"(?:with|show|turn on|switch on|enable|add|use|soft|separate|selectable|i want|give me)(?: soft)? {_CAPTIONS}|"
         rf"(?:turn|switch) {_CAPTIONS} (?:back )?on|{_CAPTIONS}(?:(?: back)? on)?"),
        ("size", "1080x1920", r"(?:a |in |as )?(?:vertical|portrait|upright|tall|9 ?: ?16)(?: (?:video|format|mode|size|orientation))?"
         r"(?:,? .*(?:phones?|mobiles?|tik ?tok|reels?|shorts?|stories|instagram))?|for (?:(?:my|the|a) )?(?:phones?|mobiles?|tik ?tok|reels?|shorts?|"
         r"(?:instagram )?stories|youtube shorts)"),
        ("size", "1080x1080", r"(?:a |in |as )?square(?: (?:video|format|size))?(?:,? for .*)?|1 ?: ?1|for (?:instagram|linkedin)"),
        ("size", "1920x1080", r"(?:in )?(?:full[- ]?hd|1080p?|1920 ?x ?1080)(?: (?:resolution|quality|video))?|(?:in )?(?:high(?:er|est)?|best|"
         r"better) (?:resolution|quality)"),
        ("size", "1280x720", r"(?:in )?(?:hd|720p?|1280 ?x ?720|normal (?:size|format)|landscape|horizontal|wide(?:screen)?|16 ?: ?9)"
         r"(?: (?:resolution|video|format|mode))?|for youtube"),
        # --- how it sounds
        ("theme-set", "dark", r"(?:in |a |the |use |with )*(?:dark|black|night) (?:theme|design|look|style|mode|colou?rs|background)|dark"),
        ("theme-set", "clean", r"(?:in |a |the |use |with )*(?:light|bright|white|clean|plain|default|normal) (?:theme|design|look|style|mode|colou?rs|background)"),
        ("pitch", "-2", rf"(?:{_VOICE} )?(?:a (?:bit|little) )?(?:deeper|lower)(?: (?:voice|pitch))?|(?:a )?(?:deeper|lower) (?:voice|pitch)"),
        ("pitch", "2", rf"(?:{_VOICE} )?(?:a (?:bit|little) )?higher(?: (?:voice|pitch))?|(?:a )?higher (?:voice|pitch)"),
        ("lively", "1.3", r"(?:<speak> )?(?:(?:a (?:bit|little)|much) )?(?:more|be more|with more) (?:lively|livel(?:ier|iness)|expressive(?:ly)?|"
         r"energetic(?:ally)?|energy|enthusias(?:m|tic|tically)|emotion(?:al)?|excited|vivid(?:ly)?|life)|livelier|less (?:boring|monotone|monotonous|flat)"),
        ("lively", "0.7", r"(?:<speak> )?(?:(?:a (?:bit|little)|much) )?(?:more (?:calm(?:ly)?|quiet(?:ly)?|monotone|serious(?:ly)?)|less (?:lively|expressive|"
         r"energetic|excited|dramatic)|calmer)"),
        ("speed-value", "1", r"(?:at )?(?:normal|default|usual|standard) (?:speed|pace)"),
        ("music", "on", r"(?:add|with|put|play|use|some)(?: \w+)?(?: background| calm| quiet| soft)* music(?: .*)?"),
        ("music", "off", r"(?:no|without|remove|stop|turn off)(?: the)?(?: background)? music"),
        # --- what needs a model
        ("write", "", r"(?:shorten|lengthen|simplify|summari[sz]e|improve|expand|extend|proof-?read|polish|translate) ?.*"),
        ("write", "", r".*\b(?:shorter|longer|simpler|easier|more (?:detailed|exciting|fun|interesting|formal|simple)|funnier|"
         r"for (?:beginners|\w+[- ]year[- ]olds|kids|children))"),
        ("write", "", r"(?:add|write|make|give me|create|insert)(?: me)?(?: \w+)? (?:quiz|questions?|test|exercises?|summary|introduction|"
         r"conclusion|outline|joke|examples?)(?: .*)?"),
        ("translate", "", r"(?:make|turn|put|translate|say|do|have) (?:it|this|that|the lesson|the video|everything)? ?(?:in(?:to)?|to) "
         r"(?:english|german|spanish|french|hindi|chinese|mandarin|italian|portuguese|russian|arabic|japanese|turkish|polish|dutch)"),
        ("captions-language", "", rf".*\b(?:german|english|spanish|french|hindi|chinese|mandarin|italian|portuguese) {_CAPTIONS}|{_CAPTIONS} in "
         r"(?:german|english|spanish|french|hindi|chinese|mandarin|italian|portuguese)"),
    ),
    patterns=(
        ("show", r"<add> (?:a|an|the|some|another|my|more)(?: (?:new|nice|little|small|big))? (?:table|picture|image|photo|chart|diagram|graph|video|clip|formula|animation|map|drawing|logo|gif|icon|emoji)s?(?: (?:of|to|on|about|with|for|in|at|showing) .*)?"),
        ("leave", r"(?:please )?(?:don'?t|do not|never) (?:you )?(?:<delete>|<change>|<move>|change|touch|merge|slow|speed|render|publish|do)(?: [^,;]*)?"),
        # --- people who are not here
        ("impersonate", r"(?:make|create|do|produce|generate|i want|give me)? ?(?:me )?(?:a |the )?(?:video|clip|film|lesson|speech|message)(?: of| with| "
         r"where| in which| from| by)? {name} (?:who )?(?:say(?:s|ing)?|tell(?:s|ing)?|announc(?:e|es|ing)|admit(?:s|ting)?|explain(?:s|ing)?|speak(?:s|ing)?|"
         r"talk(?:s|ing)?|confess(?:es|ing)?|endors(?:e|es|ing)|promis(?:e|es|ing)|insult(?:s|ing)?|teach(?:es|ing)?) ?.*"),
        ("impersonate", r"(?:i (?:want|would like|'d like|need) |let |have |get |can |could )?{name} (?:to )?(?:narrates?|reads?|voices?|presents?) (?:it|this|that|the (?:lesson|video|text)|everything)"),
        ("impersonate", r"(?:make|have|let) (?:it|this|that) (?:sound|look) (?:like|as if|as though) {name}(?: (?:is|was|were) (?:speaking|talking|saying it|reading(?: it)?|presenting))?"),
        ("impersonate", r"(?:make|let|have) {name} (?:say|tell|announce|admit|confess|endorse|promise|insult|sing|declare) .*"),
        ("impersonate", r"(?:clone|imitate|copy|fake|mimic|use|impersonate|steal) (?:the )?(?:voice|face|look|photo|likeness) of {name}"),
        ("impersonate", r"(?:clone|imitate|fake|mimic|impersonate) {name}(?:'s|’s) (?:voice|face|look|photo|likeness)|(?:impersonate|imitate) {name}"),
        ("impersonate", r"(?:sound|look|speak|talk) (?:just |exactly )?like {name}"),
        ("request:undo", r"(?:undo|revert|take back|go back|reverse)(?: the| my)?(?: last| latest| previous| past)? {n}(?: (?:last|latest))?(?: (?:changes|edits|steps|things|ones|times|versions|moves))?"),
        ("same", r"(?:(?:and |now )?(?:do )?(?:the )?(?:exact )?same(?: thing| change| again)?|and|also|likewise|ditto)(?: (?:for|on|with|to|in))? {thing}|{thing} (?:the same(?: way)?|likewise|as well|too)|(?:do|apply|make) (?:that|it|this|the same)(?: also)? (?:for|on|to|with) {thing}"),
        ("request:forget-voice", r"(?:delete|remove|erase|forget) (?:the |my )?voice (?:of |called |named )?{name}"),
        ("request:restore", r"(?:go back|return|revert|restore|roll back|back|reset)(?: to)?(?: the)? (?:version|revision|v)\.? ?{n}|restore {n}"),
        ("request:preview", r"(?:show me |make |give me )?(?:a |the )?(?:preview|draft)(?: of)? {slide}|preview {slide}|show me {slide}"),
        # --- whole lessons
        ("paste", r"(?:paste|here(?:'s| is| are)(?: (?:the|my))?(?: (?:text|script|lesson|notes|draft))?|use this(?: text)?|my text(?: is)?|text|script|take this"
         r"(?: text)?|make (?:a (?:video|lesson)|one) (?:from|of|out of) this(?: text)?)[:]? ?{text}"),
        ("create", r"<make>(?: me| us)?(?: a| an| another)?(?: new| short| complete| whole| little)*(?: {n}[- ]minutes?| {n}2? min)?(?: long)? "
         r"(?:lesson|video|course|lecture|talk|presentation|class)(?: about| on| covering| explaining| that explains)? {text}"),
        # --- delete
        ("delete-item", r"<delete> {item} (?:from|on|of|in|off) {slide}"),
        ("delete-item", r"<delete> {item}"),
        ("delete", r"<delete> {thing}|take {thing} (?:out|away)|{thing} (?:can|should|must|has to|have to) go|i (?:don'?t|do not) (?:need|want|like) {thing}"),
        ("delete-words", r"<delete> (?:the )?(?:words?|phrase|text) {old}"),
        ("pauses-off:one", r"<delete> (?:the |that |this |any )?(?:pause|break|silence) (?:after|behind|following) {thing}"),
        ("delete", r"<delete> (?:it|this|that|this one|that one)"),
        ("keep-only", r"(?:keep|leave) (?:only|just|nothing but) {slide}|(?:<delete>) (?:everything|all(?: (?:the )?(?:other )?slides)?|the rest) (?:except|but|apart from|besides)(?: for)? {slide}"),
        ("pause-length:all", r"(?:make |set |change )?(?:all|every)(?: of)?(?: the)? pauses? (?:to |be )?{seconds} ?(?:s|secs?|seconds?)(?: long)?"),
        ("swap", r"<swap> (?P<slide>\d+) (?:and|with|&) (?P<at>\d+)"),
        ("move", r"<move> (?:it|this|that)(?: one| slide)? (?:to )?(?:right )?(?P<before>before|in front of|above|ahead of) {at}|<move> (?:it|this|that)(?: one| slide)? (?:to )?(?:right )?(?P<after>after|behind|below) {at}"),
        ("move", r"<move> (?:it|this|that)(?: one| slide)? (?:to |at )?(?:the )?(?:very )?(?P<first>first|beginning|start|front|top)|<move> (?:it|this|that)(?: one| slide)? (?:to |at )?(?:the )?(?:very )?(?P<last>last|end|bottom|back)"),
        ("merge", r"(?:merge|combine|join|unite|fuse) (?:the )?{slide}(?: (?:and|with|into|to) {at})?(?: together)?(?: (?:in)?to one(?: slide)?)?|(?:put|turn|make) {slide} (?:together|into one(?: slide)?|one slide)"),
        # --- emphasis
        ("emphasise", r"(?:emphasi[sz]e|stress|accentuate)(?: (?P<much>strongly))?(?: the)?(?: words?)? {old}|(?:emphasi[sz]e|stress)(?: the)?(?: words?)? {old} (?P<much>strongly|more|a lot(?: more)?|very much)"),
        ("emphasise", r"(?:put|add|with|give)(?: (?:the|some|(?P<much>more|strong|a lot of)))? (?:stress|emphasis|weight) (?:on|to)(?: the)?(?: words?)? {old}|(?:the )?(?:words? )?{old} (?:should|must|needs to|has to) be (?:(?P<much>more|strongly) )?(?:emphasi[sz]ed|stressed)"),
        ("louder", r"(?:make |say |speak )?(?:the )?(?:words? )?{old} (?:{much} |{small} )?(?:louder|quieter|softer)"),
        # --- move
        ("swap", r"<swap> (?:the )?(?:order of |places of )?{slide}(?: (?:and|with) {at})?"),
        ("move", r"(?:i(?:'d| would) like |i want )?{slide} (?:should|to|must|has to) (?:come|go|be|stand) (?:right )?(?P<before>before) {at}|(?:i(?:'d| would) like |i want )?{slide} (?:should|to|must|has to) (?:come|go|be|stand) (?:right )?(?P<after>after|behind) {at}"),
        ("move", r"<move> {slide} (?:to )?(?:right )?(?:be )?(?P<before>before|in front of|above|ahead of) {at}"),
        ("move", r"<move> {slide} (?:to )?(?:right )?(?:be )?(?P<after>after|behind|below|to after) {at}"),
        ("move", r"<move> {slide} (?:to |at |in )?(?:the )?(?:very )?(?P<first>first|beginning|start|front|top)(?: (?:of )?.*| position| place)?"),
        ("move", r"<move> {slide} (?:to |at |in )?(?:the )?(?:very )?(?P<last>last|end|bottom|back)(?: of .*| position| place)?"),
        ("move-sentence", r"<move> {sentence} (?:to )?(?P<before>before|in front of|above|ahead of) {sentence2}"),
        ("move-sentence", r"<move> {sentence} (?:to )?(?P<after>after|behind|below) {sentence2}"),
        ("move-sentence", r"<move> {sentence} (?:to |at )?(?:the )?(?:very )?(?P<first>beginning|start|front|top|first)(?: of {slide2})?"),
        ("move-sentence", r"<move> {sentence} (?:to |at )?(?:the )?(?:very )?(?P<last>end|bottom|back|last)(?: of {slide2})?"),
        ("move-sentence", r"<move> {sentence} (?:to|on|onto|into|over to) {slide2}"),
        # --- titles
        ("duplicate", r"(?:duplicate|copy|repeat|clone) {slide}"),
        ("title", r"(?:rename|retitle|call|name|title) {slide} (?:to |as |into )?[:]? ?{text}"),
        ("title", r"<change> (?:the )?(?:title|heading|headline|name) of {slide} (?:to|into|as)[:]? {text}|{slide} should be (?:called|named|titled)[:]? {text}"),
        ("title-lesson", r"(?:call|name|title|rename) (?:the |this |my )?(?:lesson|video|it|whole thing)(?: to| as)?[:]? {text}"),
        ("title-lesson", r"<change> (?:the )?(?:lesson(?:'s)? )?(?:title|name)(?: of (?:the |this )?(?:lesson|video))? (?:to|into)[:]? {text}|(?:the )?title (?:of (?:the |this )?(?:lesson|video|whole thing) )?(?:is|should be|must be)[:]? {text}"),
        # --- how words are said
        ("pronounce", r"(?:pronounce|say|read|speak)(?: the word)? {word} (?:as|like)[:]? {text}|{word} is (?:pronounced|said|spoken)(?: as| like)?[:]? {text}"),
        ("pronounce", r"(?:say|pronounce|read) {text} for(?: the word)? {word}"),
        # --- pauses
        ("pause", r"(?:<add> |make |leave )?(?:a )?(?:short |little |long )?(?:pause|wait|break|silence|stop)(?: of| for)? ?(?:{seconds}[- ]?(?:s|secs?|seconds?)?)? "
         r"(?P<after>after|behind) {thing}"),
        ("pause", r"(?:<add> |make |leave )?(?:a )?(?:short |little |long )?(?:pause|wait|break|silence|stop)(?: of| for)? ?(?:{seconds}[- ]?(?:s|secs?|seconds?)?)? "
         r"(?P<before>before|in front of) {sentence}"),
        ("pause", r"(?:<add> |make |leave )?(?:a )?{seconds}[- ]?(?:s|secs?|seconds?)(?: of)? (?:pause|break|silence) (?P<after>after) {sentence}"),
        ("pause", r"(?P<after>after) {sentence},? (?:<add> |make |leave )?(?:a )?(?:pause|wait|break)(?: of| for)? ?(?:{seconds}[- ]?(?:s|secs?|seconds?)?)?"),
        ("pause", r"(?:<add> |make |leave )?(?:a )?{seconds}[- ]?(?:s|secs?|seconds?)(?: of)? (?:pause|break|silence) (?P<after>after) {thing}"),
        ("pause-length", r"(?:make |set |change )?(?:the |that |this )?pause(?: length)? (?:to |of |= ?|be )?(?:(?:shorter|longer|only|just),? )?{seconds} ?(?:s|secs?|seconds?)(?: long| only)?"),
        # --- new slides, items, sentences
        ("add-slide", r"<add> (?:a |another )?(?:new )?slide(?: (?:about|on|called|titled|named|with the title))?[:]? {text} (?P<after>after|behind) {at}"),
        ("add-slide", r"<add> (?:a |another )?(?:new )?slide(?: (?:about|on|called|titled|named|with the title))?[:]? {text} (?P<before>before|in front of) {at}"),
        ("add-slide", r"(?P<after>after) {slide},? <add> (?:a |another )?(?:new )?slide(?: (?:about|on|called|titled|named|with the title))?[:]? {text}"),
        ("add-slide", r"<add> (?:a |another )?(?:new )?slide(?: at the end)?(?: (?:about|on|called|titled|named|with the title))?(?: at the end)?[:]? {text}(?: at the end)?"),
        ("add-item", r"<add> (?:an? |the |another )?(?:new )?(?:bullet(?: point)?|item|point|list item)[:]? {text} (?:to|on|in) {slide}"),
        ("add-item", r"<add> (?:an? |the |another )?(?:new )?(?:bullet(?: point)?|item|point|list item) (?:to|on|in) {slide}[:]? {text}"),
        ("add-item", r"<add> {text} to the (?:list|bullets) (?:on|of) {slide}"),
        ("add", r"(?P<after>after) {sentence},? <add>(?: (?:a|the) sentence)?[:]? {text}|<add>(?: (?:a|the|this) (?:new )?sentence)?[:]? {text} (?:right )?after {sentence}"),
        ("add", r"(?P<before>before) {sentence},? <add>(?: (?:a|the) sentence)?[:]? {text}"),
        ("add", r"<add>(?: (?:a|the|this) (?:new )?sentence)?[:]? {text} (?:right )?(?P<before>before|in front of) {sentence}"),
        ("add", r"<add>(?: (?:a|the|this) (?:new )?sentence)?[:]? {text} (?:to|at) the (?P<last>end|bottom)(?: of (?:{slide}|the (?:lesson|video)|it))?"),
        ("add", r"<add>(?: (?:a|the|this) (?:new )?sentence)?[:]? {text} (?:to|at) the (?P<first>beginning|start|top)(?: of (?:{slide}|the (?:lesson|video)|it))?"),
        ("add", r"(?:to|at) the (?P<last>end)(?: of (?:{slide}|the (?:lesson|video)|it))?,? <add>[:]? {text}"),
        ("add", r"(?:to|at) the (?P<first>beginning|start)(?: of (?:{slide}|the (?:lesson|video)|it))?,? <add>[:]? {text}"),
        ("add", r"<add>(?: (?:a|the|this) (?:new )?sentence)?[:]? {text} (?:to|on|in) {slide}|<add>(?: (?:a|the|this) (?:new )?sentence)? (?:to|on) {slide}[:]? {text}"),
        # --- other words
        ("voice", r"(?:<use>|with|in)? ?(?:the )?voice (?:of |called |named |to )?{name}|(?:<use>|with|in)? ?{name}(?:'s|’s) voice(?: for (?:everything|all of it|it|this|the lesson))?|(?:change|set|switch) (?:the )?voice to {name}|"
         r"(?:the )?voice should be {name}"),
        ("portrait", r"(?:<use>|with)? ?(?:the )?(?:presenter|portrait|face|teacher|avatar|photo) (?:of |called |named |to |should be )?{name}|(?:change|set|switch) (?:the )?"
         r"(?:presenter|portrait|face|teacher|avatar) to {name}"),
        ("portrait", r"(?:let |have |make )?{name} (?:should )?(?:present|teach|explain|host|be the (?:presenter|teacher))s?(?: (?:it|this|the lesson|everything))?|(?:<use>|with) {name} as "
         r"(?:the |a )?(?:presenter|teacher|host|face)|show {name}"),
        ("theme", r"(?:<use> |with )?(?:the |a )?{name} (?:theme|design|look|style|colou?rs)|(?:theme|design) {name}|(?:change|set|switch) (?:the )?(?:theme|design) to {name}"),
        ("rewrite", r"(?:<change>|replace) {sentence} (?:to|into|with|by|as|so (?:that )?it (?:says|reads))[:]? {text}|{sentence} (?:should|must) (?:be|say|read)[:]? {text}|"
         r"(?:<change>|replace) {sentence}[:] {text}"),
        ("replace", r"(?:in|on) {slide},? (?:<replace>|change) (?:the words? )?{old} (?:with|by|for|to|into) {new}"),
        ("replace", r"(?:<replace>|change|correct)(?: the)?(?: words?)? {old} (?:with|by|for|to|into) {new} (?:on|in) {slide}"),
        ("replace", r"(?:<replace>|change|correct)(?: the words?| every| all)? {old} (?:with|by|for|to|into) {new}(?: everywhere)?"),
        ("replace", r"(?:the )?(?:words?|name) {old} (?:should|must) be {new}"),
        ("replace", r"(?:instead of|rather than) {old},? (?:say|write|put|use) {new}|(?:say|write|put|use) {new} (?:instead of|rather than) {old}"),
        ("replace", r"it(?:'s|’s|s| is| should (?:be|say)) {new},? (?:and )?not {old}|it(?:'s|’s| is) not {old},? (?:but|it(?:'s|’s| is)) {new}"),
        ("replace", r"(?:it )?(?:should|must) (?:say|be|read) {new} instead of {old}"),
        # --- speed
        ("speed", r"(?:slow (?P<slower>down)|(?P<faster>speed) up) (?:{thing}|" + _IT + r"|" + _VOICE + r")(?: {small}| {much})?"),
        ("speed", r"(?:make |say |read |speak )?(?:{thing}|" + _IT + r"|" + _VOICE + r") (?:{small} |{much} )?(?:(?P<slower><slower>)|(?P<faster><faster>))"),
        ("speed", r"(?:slow|(?P<faster>speed)) (?:{thing}|" + _IT + r"|" + _VOICE + r") (?:(?P<slower>down)|up)(?: {small})?"),
        ("speed", r"<speak> (?:{small} |{much} )?(?:(?P<slower><slower>)|(?P<faster><faster>))"),
        ("speed", r"(?:{small}|{much})? ?(?:(?P<slower><slower>|slow(?: it)? down)|(?P<faster><faster>|speed(?: it)? up|hurry up))(?: {small2})?(?: please)?"),
        ("speed", r"(?:<speak> |make (?:it|this|{thing}) )?{n} ?(?:%|percent|per cent) (?:(?P<slower><slower>)|(?P<faster><faster>))"),
        ("speed", r"(?P<much>way |much |far )?too (?:(?P<slower>fast|quick)|(?P<faster>slow))"),
        ("speed", r"(?:that|this|it|(?:s?he|the voice|{slide}) (?:speaks|talks|goes|is)|(?:i|we|you) (?:speak|talk|go|sound|read)|(?:i|we|you)(?:'m|'re| am| are))(?:'s| is)? ?(?:(?P<much>way|much|far) )?(?:speaking |talking |going )?too "
         r"(?:(?P<slower>fast|quick(?:ly)?)|(?P<faster>slow(?:ly)?))(?: .*)?"),
        ("speed", r"(?:<speak> )?(?:(?P<double>twice as fast|double speed|at double speed)|(?P<half>half as fast|half speed|at half speed))"),
        ("speed-value", r"(?:set |change )?(?:the )?speed (?:to |of |= ?)?(?P<value>\d(?:\.\d+)?)x?"),
        # --- who
        ("language", r"(?:the )?(?:lesson|language|text)(?: of the lesson)? is (?:in )?{name}|set (?:the )?language to {name}"),
        ("again", r"(?:<move>|show|make|<use>|have|keep|set|display) (?:it |this |that |everything |the (?:video|lesson) )?(?P<again>.+)"),
        ("who", r"(?:<use>|with) {name}|{name} please"),
        ("delete-about", r"(?:delete|remove|drop|cut(?: out)?|erase|take out|get rid of|scrap|lose|throw out|leave out|skip|ditch|omit)(?: the| that)?(?: (?:bit|part|stuff|thing|section|passage)s? (?:about|on|with))? {old}(?: (?:bit|part|stuff|thing|section|passage)s?)?"),
    ),
    polite=(
        r"(?:(?:can|could|would|will|may|might) (?:you|u|we|i)(?: pls| plz| please| maybe| possibly| just)?(?: also)?|please|pls|plz|oops|ups|sorry|wait|yeah|thx|hey|hi|hello|ok(?:ay)?|well|so|now|then|also|and|just|"
        r"i(?:'d| would) like (?:you )?to|i want (?:you )?to|i need (?:you )?to|let'?s|maybe|perhaps|actually|oh|hmm+|um+|next|finally|first of all|no,|let me|you should|thanks|thank "
        r"you|would you mind|i think|it would be (?:nice|great) (?:if|to)) ?,? ",
        r",? ?(?:please|pls|plz|thx|:-?\)|thanks|thank you|for me|now|then|ok|okay|as well|too|instead|if you can|would you|right away|for now|[.!?…]+) *",
    ),
    joints=r",? but |,? and then |,? then |,? and also |,? and |; ?|, (?:also )?|\. ",
    small=r"a (?:little )?(?:bit|little|touch|tad)|slightly|somewhat|a little bit|a small bit",
    much=r"much|a lot|way|far|significantly|considerably|very|really",
    filler=r"the|a|an|this|that|our|my|its|their|some|in|of|to|is|are",
    articles=r"the|number|no|take the|i mean the|i meant the",
    ones=r"one|choice|option|please|sentence|slide",
    nobody=r"(?:about|on|that|this|a|an|the|my|our|me|myself|us|it|him|her|them|someone|somebody|you|of|one|two|and|which|how|why|what|where|when|"
    r"(?:first|last|next|second|third)|slides?|sentences?|sure|everything|all|everyone|everybody|students?|voice)\b",
    looks=r"(?:slides?|text|deck) (?:on|to) (?:the )?(?P<right>right)|(?:slides?|text|deck) (?:on|to) (?:the )?left|(?:presenter|teacher|head) (?:on|to) (?:the )?"
    r"(?:(?P<left>left)|right)",
    extras=r",| (?:with|for|in|using|by) |(?<=\w) and (?:slides|use|with)",
)  # fmt: skip
