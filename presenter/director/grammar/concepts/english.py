"""English."""

from presenter.director.grammar.concepts.lexicon import Lexicon

LEXICON = Lexicon(
    concepts={
        # --- what is to be done
        "delete": "delet*|remov*|drop|cut|cut out|erase|scrap|kill|ditch|omit|skip|lose|strike|strike out|axe|bin|trash|chuck|"
        "get rid of|throw out|throw away|take out|take away|leave out|chuck out|cross out|dump|eliminate|cancel out|"
        "take it out|take that out|clear|wipe|do without|get rid|discard|can be deleted|can be removed",
        "go": "(can|could|should|must|may|has to|have to|needs? to|can probably|should really) go|is not needed|isn't needed|"
        "is superfluous|is unnecessary",
        "out": "out|away|gone",
        "move": "mov*|shift*|drag*|relocat*|bring|push|pull|send|reorder",
        "swap": "swap|swap over|swap around|exchange|flip|trade places|change places|switch round|switch places|the other way round|"
        "the other way around|switch around",
        "merge": "merge|combine|join|unite|fuse|together|into one|in one|to one|into a single",
        "split": "split|split up|divide|break up|break|cut in two|separate|in two|into two|apart",
        "replace": "replac*|substitut*|swap out|in place of",
        "change": "chang*|alter|modify|adjust|edit|updat*|correct|fix|rewrit*|reword|rephras*|revise|turn|switch|amend|adapt",
        "add": "add|insert|append|include|squeeze in|slip in|pop in|stick in|put in|attach|tack on",
        "rename": "renam*|retitl*|call|name|titled|called|named",
        "stress": "emphasi[sz]e|emphasi[sz]ed|emphasi[sz]ing|emphasis|stress|stressed|accentuate|highlight|underline|bold|weight",
        "say": "say|says|said|saying|speak*|talk|talks|talking|read|reads|reading|narrat*|voiced|sound|sounds",
        "write": "write|written|spell|spelt|spelled",
        "use": "use|using|take|choose|pick|select|go with|try",
        "show": "show|display|see|look|view|watch|visible",
        "hide": "hide|hidden|invisible|conceal|cover|mask|blur|crop|crop out|erase|strip|peel off|scratch off",
        "keep": "keep|retain|leave|preserve",
        "do": "do|make|makes|set|place|have|has|get|turn|give|let|be|is|are|go|goes|want|need|needs|should|must|shall|ought to|"
        "would like|i'd like|i'd prefer|prefer|rather have|i'd rather|rather|come|comes|stand|sit|appear|belongs?|needs to|has to|have to|to be|was|were|"
        "create|try|stop|start|begin|become",
        "copy": "duplicat*|copy|clone|repeat",
        # --- what it is about
        "slide": "slides?|pages?|screens?",
        "sentence": "sentences?|lines?|phrases?|statements?",
        "part": "bits?|parts?|stuff|things?|passages?|sections?|paragraphs?|remarks?|mention",
        "item": "bullets?|bullet points?|items?|list items?|points?|list points?",
        "example": "examples?",
        "list": "lists?|bullet lists?",
        "title": "titles?|headings?|headlines?|captioned|header",
        "name": "name",
        "word": "words?|terms?|expressions?",
        "lesson": "lessons?|videos?|presentation|everything|all of it|the whole (thing|lesson|video|lot)|whole (thing|lesson|video)|"
        "entire (thing|lesson|video|presentation)|the lot|course|lecture|throughout|overall|in general|generally|everywhere|talk",
        "pause": "pauses?|breaks?|silences?|gaps?|breather|wait|stops?",
        "voice": "voice|voices|speech|narration|narrator|speaking voice|voiceover",
        "head": "presenter|teacher|speaker|head|face|avatar|host|woman|man|lady|guy|person|talking head|figure|me|him|her",
        "captions": "captions?|subtitles?|subs|cc|closed captions",
        "theme": "theme|design|colou?rs|look and feel|colou?r scheme|styling|background",
        "format": "format|size|resolution|aspect ratio|orientation|video size|shape|quality",
        "speed": "speed|pace|tempo|rate|speaking rate|speech rate|pacing",
        "pitch": "pitch|tone",
        "music": "music|background music|soundtrack|jingle",
        "transition": "transitions?|fades?|crossfades?|dissolves?",
        "layout": "layout|arrangement|corner|picture|frame|screen size",
        "version": "versions?|revisions?",
        "changes": "changes|(last|my|that|the|this|one|previous|latest) (change|edit)|edits?|steps?|modifications?|times",
        "typo": "typos?|mistakes?|errors?|spelling mistakes?|misspelling|wrong|spelled wrong|slip",
        "question": "do you think|don't you think|what do you think|quiz|questions?|tests?|exercises?",
        "both": "both",
        # --- how it is to be
        "slow": "slow|slower|slowly|more slowly|slow down|slow it down|slowed down|slow things down|less fast|less quickly|less rushed|"
        "unhurried|calmer pace|take (it|that) (more )?slow(ly)?|more relaxed|leisurely|less rapid",
        "fast": "fast|faster|quick|quicker|quickly|more quickly|speed up|speed it up|speeds? things up|less slow|less slowly|rapid|rapidly|hurry|hurry up|"
        "rushed|snappier|brisker|hasty|pick up the pace",
        "lively": "livelier|lively|more lively|expressive|energetic|energy|enthusiasm|enthusiastic|animated|excited|exciting|life|cheerful|"
        "passion|more feeling|upbeat|vivid|emotion",
        "calm": "calm|calmer|serious|sober|matter-of-fact|monotone|monotonous|flat|boring|relaxed|neutral",
        "high": "higher|high-pitched",
        "low": "lower|deeper|deep|reduce|decrease|bring down|turn down|less",
        "raise": "raise|increase|turn up|up|boost",
        "long": "long|longer|lengthen|extend|extended",
        "short": "short|shorter|shorten|briefer|brief",
        "loud": "loud|louder|volume",
        "quiet": "quiet|quieter|softer",
        "big": "big|bigger|larger|large|enlarge|enlarged",
        "small": "small|smaller|shrink|tiny|miniature",
        "dark": "dark|darker|black|night mode|dark mode|dark theme",
        "light": "light|lighter|bright|brighter|white|light mode|light theme",
        "vertical": "vertical|vertically|portrait|upright|portrait format|portrait mode|tall|9:16|tiktok|reels?|shorts|phones?|mobile|instagram stor(y|ies)",
        "square": "square|1:1|instagram",
        "wide": "landscape|horizontal|widescreen|wide|16:9|wide-screen",
        "hd": "full-hd|hd|1080p|high resolution|high res|hi-res|sharper|higher resolution|better quality",
        "full": "full-screen|whole screen|entire screen|whole picture|fill(s|ing)? the (screen|picture|frame)|full size|full frame|entire picture",
        "beside": "side by side|next to each other|next to one another|half and half|next to",
        "burned": "burn|burned|burnt|burned in|burn in|burnt in|burned into|hard-coded|hardcoded|in the picture|into the picture|into the video|in the image|embedded",
        "cutout": "cut-out|cutout|without( (a|the))? background|background removed|transparent background",
        "normal": "normal|standard|default|usual|regular|ordinary|original|normally",
        "auto": "automatic|auto|automatically",
        "name-below": "lower third|name tag|name below|with (a )?name",
        # --- how much
        "bit": "a bit|bit|a little|little|slightly|a touch|a tad|somewhat|a notch|a little bit|tiny bit|a tiny bit|a wee bit|a fraction|marginally|ever so slightly|a smidge|kind of|just a little",
        "much": "much|many|a lot|way|far|significantly|considerably|very|really|a good deal|lots|noticeably|drastically|substantially|lots more|plenty|definitely",
        "more": "more|extra|additional|even|still",
        "too": "too|overly",
        "twice": "twice|double|doubled|two times|twice as",
        "half": "half|halve|halved|half as",
        "percent": "percent|per cent|%",
        "unit": "s|sec|secs|seconds?",
        "times-sign": "x",
        # --- where
        "before": "before|in front of|ahead of|above|prior to|preceding|right before|just before",
        "after": "after|behind|below|following|right after|just after|directly after|beneath|past",
        "first": "(to|at|from)? (the )?(very )?(beginning|start|front|top) of (the )?(lesson|video|deck|presentation)|(to|at) (the )?(very )?(beginning|start|front|top)|"
        "to the front|up front|in first place|as the first( slide| one)?|come first|go first|be first|first place|first position|the opener|to the top",
        "last": "(to|at) (the )?(very )?(end|bottom|back) of (the )?(lesson|video|deck|presentation)|(to|at) (the )?(very )?(end|bottom|back)|as the last( slide| one)?|"
        "come last|go last|be last|last place|last position|the end|be the last( one)?|the closing",
        "left": "left|on the left|to the left|left side|left hand side|on the left side|left-hand|bottom left|lower left|left corner|left-hand side",
        "right": "right|on the right|to the right|right side|right hand side|on the right side|right-hand|bottom right|lower right|right corner|right-hand side",
        "top": "top|upper|on top|at the top|up top|top corner",
        "bottom": "bottom|lower corner|at the bottom|bottom corner",
        "middle": "middle|centre|center|centred|centered",
        "on": "on|in|at|during|over|for|of|within|onto|from within|concerning|about",
        "to": "to|into|as|like",
        "by": "with|by",
        "from": "from|starting (from|with|at)|beginning (from|with|at)|as of",
        "onwards": "onwards?|forward|and onwards?|and beyond|and up|and following|on",
        "until": "until|till|up to|through|thru",
        "between": "between|in between",
        "instead": "instead of|rather than|not",
        # --- which
        "all": "all|every|each|all of|whole|entire|any",
        "only": "only|just|nothing but|solely",
        "rest": "rest|others?|the remaining|remaining|everything else|all else|the other ones",
        "except": "except|except for|but not|apart from|besides|other than|excluding|but",
        "this": "this|current|selected|these|present",
        "it": "it|that|them|that one|this one|there|those|they",
        "one": "ones?",
        "not": "not|don't|do not|doesn't|never|no longer|can't|cannot|didn't|aren't|isn't|shouldn't|don't want|do not want|no need for|no more|won't",
        "without": "without|no|minus",
        "off": "off|disable|disabled|switch off|turn off|switched off|turned off|deactivate",
        "enable": "turn on|switch on|enable|activate|enabled",
        "same": "same|likewise|ditto|identical|the same thing|do the same|same thing|same here",
        "also": "also|too|as well",
        "again": "again",
        # --- for a door
        "undo": "undo|revert|take (it|that|this) back|go back|roll back|reverse|step back|back",
        "redo": "redo|restore|bring (it|that|this) back|put (it|that|this) back",
        "render": "render|re-render|produce|generate|export|publish|finish|finali[sz]e|make (the|my|a|this|that) (video|film|movie)",
        "cost": "what (will|does|would|is|'s) (it|this|that|the video) (going to |gonna )?cost( me)?|what's it (going to |gonna )?cost( me)?|how long|how much|how expensive|cost|costs|price|estimate|duration|how many minutes",
        # --- what is never done
        "label": "labels?|watermarks?|disclaimers?|disclosure|badges?|stickers?|ai notices?|ai marks?|ai tags?|ai signs?|ai logos?|ai stamps?|ai hints?|ai notes?|"
        "ai generated (notice|label|mark|text|sign|thing|note|badge)|ai-generated|made (with|by) ai|content credentials|credentials|c2pa|provenance|notice|ai warning|ai thing|ai text|ai words|ai banner",
        "consent": "consent|permission|permissions|authori[sz]ation|consent (form|step|check|thing)",
        "because": "because|since|cause|cuz|as they|so that|so they|so the (kids|children|pupils|students|class)|otherwise|in order to|given that",
        "pronounce": "pronounc*|pronunciation",
        "restart": "start over|start again|from scratch|begin again|all over again|start from zero|back to square one|from the beginning again",
        "thanks": "thanks|thank you|thx|cheers",
        "put": "put|puts",
        "audience": "classes|class|students?|pupils?|kids?|children|viewers?|audience|learners?|parents|grade|graders|year-olds",
        "opening": "introduction|intro",
        "closing": "summary|conclusion|outro|recap|wrap-up",
        "new": "new|another|additional|one more",
        # --- what says nothing
        "filler": "a|an|the|please|pls|plz|could|can|would|will|might|may|you|u|we|i|my|our|your|me|us|so|well|ok|okay|hey|hi|hello|and|then|now|just|maybe|perhaps|"
        "possibly|actually|also|oh|hmm|um|uh|next|finally|kindly|if possible|if you can|if you could|would you mind|do you mind|mind|let's|lets|"
        "that is|there's|there is|there are|it's|that's|i think|i guess|i believe|i suppose|feel free to|be so kind|be so kind as to|go ahead and|"
        "number|no wait|no no|oh no|no(?=,)|no\\.|nr|#|sort of|quick one|quick question|one more thing|another thing|by the way|btw|while you're at it|for me|for us|at once|"
        "right away|immediately|quickly please|how about|what about|what if|why don't (you|we)|it would be (nice|great|good|better|lovely) (if|to)|"
        "i was wondering|wondering|i wonder|could it be|is it possible to|possible|if|good morning|morning|good afternoon|good evening|evening|dear|sorry|oops|"
        "wait|yeah|yes|yep|sure|great|nice|good|fine|perfect|cool|alright|all right|ah|er|erm|like to|going to|gonna|wanna|want to|need to|like you to|you to|to|"
        "'s|'ll|'d|'re|'m|i'd|i'll|i'm|we'd|we'll|you'd|you'll|he|she|his|their|its|in a row|at all|in there|then please|for a change|somehow|"
        "here|anyway|though|once|once more|a second time|ever|seems?|feels?|think|know|bit of a|try to|manage|able|together with|lesson plan|when|while|from now on|"
        "are you able to|are we able to|any chance you could|any chance|chance|help me|help|i need you to|i want you to|got to|gotta|such|own|completely|entirely|totally|simply|directly|straight|"
        "a bit of|ai assistant|assistant|bot|computer|dude|mate|friend|folks|everyone|all good|looks good|better|best|nicely|properly|a single|over there",
    },
    numbers={"one and a half": 1.5, "one": 1, "a": 1, "half a": 0.5, "half": 0.5, "a half": 0.5, "two and a half": 2.5, "a couple of": 2, "a few": 3, "a quarter of a": 0.25},
    ordinals={
        "penultimate": -2, "next to last": -2, "next-to-last": -2, "second-to-last": -2, "second to last": -2, "last but one": -2, "one before last": -2,
        "third to last": -3, "third from last": -3, "third last": -3, "concluding": -1, "ending": -1, "end": -1, "starting": 1, "beginning": 1, "initial": 1,
        "title": 1, "cover": 1, "introductory": 1, "welcome": 1, "13th": 13,
    },
)  # fmt: skip
