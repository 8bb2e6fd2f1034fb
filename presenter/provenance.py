"""The label that tells people that a video is AI-generated. It has no switch."""

from __future__ import annotations

from collections.abc import Sequence

VERSION = "2"
"""Raise when a text or the way it is shown changes."""

LABEL_SECONDS = 3.0
"""So long the label is shown in full at the start of a video and of each slide, and again now and then; in
between a mark in the corner stays."""
LABEL_EVERY = 60.0
"""Seconds from one full label to the next at most."""

_FULL = {
    "ar": "هذا الفيديو مُنشأ بالذكاء الاصطناعي: الصوت والوجه اصطناعيان.",
    "de": "Dieses Video ist KI-generiert: Stimme und Gesicht sind synthetisch.",
    "en": "This video is AI-generated: the voice and face are synthetic.",
    "es": "Este vídeo está generado por IA: la voz y el rostro son sintéticos.",
    "fr": "Cette vidéo est générée par IA : la voix et le visage sont synthétiques.",
    "hi": "यह वीडियो AI से बना है: आवाज़ और चेहरा कृत्रिम हैं।",
    "it": "Questo video è generato dall'IA: la voce e il volto sono sintetici.",
    "ja": "この動画はAIで生成されています。声と顔は合成です。",
    "ko": "이 동영상은 AI로 생성되었습니다. 목소리와 얼굴은 합성입니다.",
    "nl": "Deze video is door AI gegenereerd: stem en gezicht zijn synthetisch.",
    "pl": "To wideo wygenerowała AI: głos i twarz są syntetyczne.",
    "pt": "Este vídeo foi gerado por IA: a voz e o rosto são sintéticos.",
    "ru": "Это видео создано ИИ: голос и лицо синтезированы.",
    "tr": "Bu video yapay zekâ ile üretildi: ses ve yüz sentetiktir.",
    "uk": "Це відео створено ШІ: голос і обличчя синтезовано.",
    "zh": "本视频由 AI 生成：声音和人脸均为合成。",
}

_SPOKEN = {
    "ar": "أُنشئ هذا التسجيل بالذكاء الاصطناعي. الصوت اصطناعي.",
    "de": "Diese Aufnahme wurde von künstlicher Intelligenz erzeugt. Die Stimme ist synthetisch.",
    "en": "This recording was made by artificial intelligence. The voice is synthetic.",
    "es": "Esta grabación fue generada por inteligencia artificial. La voz es sintética.",
    "fr": "Cet enregistrement a été généré par une intelligence artificielle. La voix est synthétique.",
    "hi": "यह रिकॉर्डिंग कृत्रिम बुद्धिमत्ता से बनी है। आवाज़ कृत्रिम है।",
    "it": "Questa registrazione è stata generata dall'intelligenza artificiale. La voce è sintetica.",
    "ja": "このろくおんは、じんこうちのうによって、つくられました。こえは、ごうせいです。",
    "ko": "이 녹음은 인공지능으로 만들어졌습니다. 목소리는 합성입니다.",
    "nl": "Deze opname is gemaakt door kunstmatige intelligentie. De stem is synthetisch.",
    "pl": "To nagranie stworzyła sztuczna inteligencja. Głos jest syntetyczny.",
    "pt": "Esta gravação foi gerada por inteligência artificial. A voz é sintética.",
    "ru": "Эта запись создана искусственным интеллектом. Голос синтезирован.",
    "tr": "Bu kayıt yapay zekâ tarafından üretildi. Ses sentetiktir.",
    "uk": "Цей запис створено штучним інтелектом. Голос синтезовано.",
    "zh": "本录音由人工智能生成，声音为合成。",
}
"""For sound without a picture. Nothing is abbreviated and Japanese is in kana, so that every voice can say
it."""

_CORNER = {
    "ar": "مُنشأ بالذكاء الاصطناعي",
    "de": "KI-generiert",
    "en": "AI-generated",
    "es": "Generado por IA",
    "fr": "Généré par IA",
    "hi": "AI से निर्मित",
    "it": "Generato dall'IA",
    "ja": "AI生成",
    "ko": "AI 생성",
    "nl": "AI-gegenereerd",
    "pl": "Wygenerowane przez AI",
    "pt": "Gerado por IA",
    "ru": "Создано ИИ",
    "tr": "Yapay zekâ ürünü",
    "uk": "Створено ШІ",
    "zh": "AI 生成",
}

LANGUAGES = tuple(sorted(_FULL))
"""Languages that the label is written in; others get English."""


def _spoken(language: str) -> str:
    primary = language.lower().replace("_", "-").split("-")[0]
    primary = "zh" if primary in ("cmn", "yue", "wuu", "hak", "nan") else primary
    return primary if primary in _FULL else "en"


def label_full(language: str) -> str:
    """The label in full, one sentence, in the language of a BCP 47 tag, or in English."""
    return _FULL[_spoken(language)]


def label_spoken(language: str) -> tuple[str, str]:
    """What is said before sound without a picture, and its language: the one of a BCP 47 tag, or English."""
    known = _spoken(language)
    if known == "en" and not language.lower().startswith("en"):
        return _SPOKEN["en"], "en"
    return _SPOKEN[known], language


def comment(language: str, restricted: Sequence[str] = ()) -> str:
    """What a video's file says about itself: the label, and which engines had non-commercial weights."""
    label = label_full(language)
    return f"{label} Non-commercial weights: {', '.join(restricted)}." if restricted else label


def has_label(words: str) -> bool:
    """Whether the label stands in a text: in full, as it is said, or as the mark in brackets."""
    marks = (f"[{mark}]" for mark in _CORNER.values())
    return any(known in words for known in (*_FULL.values(), *_SPOKEN.values(), *marks))


def label_corner(language: str) -> str:
    """The mark that stays in the corner, a word or three."""
    return _CORNER[_spoken(language)]
