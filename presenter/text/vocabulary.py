"""Words that reading aloud needs, for each language that is read by rules: en, de, es, fr, hi, zh."""

from __future__ import annotations

LANGUAGES = ("en", "de", "es", "fr", "hi", "zh")

ABBREVIATIONS: dict[str, dict[str, str]] = {
    "en": {
        "Dr.": "Doctor", "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Prof.": "Professor",
        "Jr.": "Junior", "Sr.": "Senior", "St.": "Saint", "vs.": "versus", "etc.": "et cetera",
        "e.g.": "for example", "i.e.": "that is", "approx.": "approximately", "cf.": "compare",
        "a.k.a.": "also known as", "dept.": "department", "est.": "established", "w/o": "without",
        "w/": "with",
    },
    "de": {
        "Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Fr.": "Frau", "z. B.": "zum Beispiel",
        "d. h.": "das heißt", "u. a.": "unter anderem", "u. U.": "unter Umständen", "usw.": "und so weiter",
        "bzw.": "beziehungsweise", "ca.": "circa", "Nr.": "Nummer", "St.": "Sankt", "Mio.": "Millionen",
        "Mrd.": "Milliarden", "evtl.": "eventuell", "ggf.": "gegebenenfalls", "inkl.": "inklusive",
        "vgl.": "vergleiche", "etc.": "et cetera", "v. Chr.": "vor Christus", "n. Chr.": "nach Christus",
        "Abb.": "Abbildung", "Std.": "Stunden", "sog.": "sogenannte", "o. ä.": "oder ähnliches",
        "z. T.": "zum Teil", "i. d. R.": "in der Regel", "zzgl.": "zuzüglich", "bspw.": "beispielsweise",
    },
    "es": {
        "Dr.": "doctor", "Dra.": "doctora", "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita",
        "Prof.": "profesor", "Ud.": "usted", "Uds.": "ustedes", "p. ej.": "por ejemplo",
        "etc.": "etcétera", "EE. UU.": "Estados Unidos", "núm.": "número", "pág.": "página",
        "aprox.": "aproximadamente", "a. C.": "antes de Cristo", "d. C.": "después de Cristo",
        "n.º": "número", "D.": "don", "D.ª": "doña", "Sto.": "santo", "Sta.": "santa",
    },
    "fr": {
        "M.": "monsieur", "MM.": "messieurs", "Mme": "madame", "Mmes": "mesdames", "Mlle": "mademoiselle",
        "Dr": "docteur", "Pr": "professeur", "etc.": "et cetera", "p. ex.": "par exemple",
        "c.-à-d.": "c'est-à-dire", "env.": "environ", "n°": "numéro", "N°": "numéro",
        "av. J.-C.": "avant Jésus-Christ", "cf.": "confer", "apr. J.-C.": "après Jésus-Christ",
        "ap. J.-C.": "après Jésus-Christ", "St": "saint", "Ste": "sainte",
    },
    "hi": {
        "डॉ.": "डॉक्टर", "डॉ॰": "डॉक्टर", "प्रो.": "प्रोफ़ेसर", "पं.": "पंडित", "कि.मी.": "किलोमीटर",
        "कि.ग्रा.": "किलोग्राम", "से.मी.": "सेंटीमीटर", "रु.": "रुपये", "सं.": "संख्या",
        "ई.पू.": "ईसा पूर्व",
    },
    "zh": {},
}  # fmt: skip
"""Written -> said. A space in the written form may be missing; a final point may also end the sentence."""

BEFORE_NUMBER: dict[str, dict[str, str]] = {
    "en": {
        "No.": "number", "no.": "number", "Fig.": "figure", "fig.": "figure", "p.": "page", "pp.": "pages",
        "vol.": "volume", "Vol.": "volume", "Ch.": "chapter", "#": "number", "§": "section",
    },
    "de": {
        "S.": "Seite", "Kap.": "Kapitel", "Bd.": "Band", "§": "Paragraf", "Abs.": "Absatz", "Art.": "Artikel",
    },
    "es": {"p.": "página", "fig.": "figura", "cap.": "capítulo", "art.": "artículo", "vol.": "volumen"},
    "fr": {"p.": "page", "fig.": "figure", "chap.": "chapitre", "art.": "article", "vol.": "volume"},
    "hi": {},
    "zh": {},
}  # fmt: skip
"""Abbreviations that are such only before a number."""

SYMBOLS: dict[str, dict[str, str]] = {
    "en": {
        "∛": "the cube root of", ":": "to", "x": "by",
        "+": "plus", "-": "minus", "=": "equals", "×": "times", "÷": "divided by", "<": "is less than",
        ">": "is greater than", "≤": "is less than or equal to", "≥": "is greater than or equal to",
        "≠": "is not equal to", "≈": "is about", "±": "plus or minus", "→": "gives",
        "√": "the square root of", "∞": "infinity", "π": "pi", "%": "percent", "‰": "per mille",
        "&": "and", "–": "to", "^2": "squared", "^3": "cubed", "^": "to the power of {}", ".": "dot",
        "/": "slash", "_": "underscore", "hyphen": "dash", "@": "at", "#": "hashtag", "over": "over",
        "Δ": "delta", "∑": "the sum of", "∫": "the integral of", "°": "degrees", "and": "and",
    },
    "de": {
        "∛": "die Kubikwurzel aus", ":": "zu", "x": "mal",
        "+": "plus", "-": "minus", "=": "gleich", "×": "mal", "÷": "geteilt durch", "<": "kleiner als",
        ">": "größer als", "≤": "kleiner oder gleich", "≥": "größer oder gleich", "≠": "ungleich",
        "≈": "ungefähr", "±": "plus minus", "→": "ergibt", "√": "die Wurzel aus", "∞": "unendlich",
        "π": "Pi", "%": "Prozent", "‰": "Promille", "&": "und", "–": "bis", "^2": "hoch zwei",
        "^3": "hoch drei", "^": "hoch {}", ".": "Punkt", "/": "Schrägstrich", "_": "Unterstrich",
        "hyphen": "Bindestrich", "@": "ät", "#": "Hashtag", "over": "durch", "Δ": "Delta",
        "∑": "die Summe von", "∫": "das Integral von", "°": "Grad", "and": "und",
    },
    "es": {
        "∛": "la raíz cúbica de", ":": "a", "x": "por",
        "+": "más", "-": "menos", "=": "es igual a", "×": "por", "÷": "dividido entre",
        "<": "es menor que", ">": "es mayor que", "≤": "es menor o igual que", "≥": "es mayor o igual que",
        "≠": "es distinto de", "≈": "es aproximadamente", "±": "más menos", "→": "da",
        "√": "la raíz cuadrada de", "∞": "infinito", "π": "pi", "%": "por ciento", "‰": "por mil",
        "&": "y", "–": "a", "^2": "al cuadrado", "^3": "al cubo", "^": "elevado a {}", ".": "punto",
        "/": "barra", "_": "guion bajo", "hyphen": "guion", "@": "arroba", "#": "hashtag", "over": "sobre",
        "Δ": "delta", "∑": "la suma de", "∫": "la integral de", "°": "grados", "and": "y",
    },
    "fr": {
        "∛": "la racine cubique de", ":": "pour", "x": "par",
        "+": "plus", "-": "moins", "=": "égale", "×": "fois", "÷": "divisé par", "<": "est inférieur à",
        ">": "est supérieur à", "≤": "est inférieur ou égal à", "≥": "est supérieur ou égal à",
        "≠": "est différent de", "≈": "est environ égal à", "±": "plus ou moins", "→": "donne",
        "√": "la racine carrée de", "∞": "l'infini", "π": "pi", "%": "pour cent", "‰": "pour mille",
        "&": "et", "–": "à", "^2": "au carré", "^3": "au cube", "^": "puissance {}", ".": "point",
        "/": "barre oblique", "_": "tiret bas", "hyphen": "tiret", "@": "arobase", "#": "hashtag",
        "over": "sur", "Δ": "delta", "∑": "la somme de", "∫": "l'intégrale de", "°": "degrés", "and": "et",
    },
    "hi": {
        "∛": "घनमूल", ":": "अनुपात", "x": "गुणा",
        "+": "जोड़", "-": "घटा", "=": "बराबर", "×": "गुणा", "÷": "भाग", "<": "से कम", ">": "से अधिक",
        "≤": "से कम या बराबर", "≥": "से अधिक या बराबर", "≠": "बराबर नहीं", "≈": "लगभग बराबर",
        "±": "जोड़ या घटा", "→": "से बनता है", "√": "वर्गमूल", "∞": "अनंत", "π": "पाई", "%": "प्रतिशत",
        "‰": "प्रति हज़ार", "&": "और", "–": "से", "^2": "का वर्ग", "^3": "का घन", "^": "की घात {}",
        ".": "डॉट", "/": "स्लैश", "_": "अंडरस्कोर", "hyphen": "डैश", "@": "ऐट", "#": "हैशटैग",
        "over": "बटा", "Δ": "डेल्टा", "∑": "योग", "∫": "समाकल", "°": "डिग्री", "and": "और",
    },
    "zh": {
        "∛": "立方根", ":": "比", "x": "乘",
        "+": "加", "-": "减", "=": "等于", "×": "乘以", "÷": "除以", "<": "小于", ">": "大于",
        "≤": "小于等于", "≥": "大于等于", "≠": "不等于", "≈": "约等于", "±": "正负", "→": "生成",
        "√": "根号", "∞": "无穷大", "π": "派", "%": "百分之{}", "‰": "千分之{}", "&": "和", "–": "到",
        "^2": "的平方", "^3": "的立方", "^": "的{}次方", ".": "点", "/": "斜杠", "_": "下划线",
        "hyphen": "杠", "@": "艾特", "#": "话题", "over": "分之", "Δ": "德尔塔", "∑": "求和", "∫": "积分",
        "°": "度", "and": "又",
    },
}  # fmt: skip

CURRENCIES = {
    "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "CNY", "₹": "INR", "元": "CNY",
    "₽": "RUB", "₩": "KRW", "₺": "TRY", "USD": "USD", "EUR": "EUR", "GBP": "GBP", "JPY": "JPY",
    "CNY": "CNY", "INR": "INR", "CHF": "CHF", "CAD": "CAD", "AUD": "AUD", "MXN": "MXN", "BRL": "BRL",
}  # fmt: skip

MONEY: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "en": {
        "USD": ("dollar", "dollars", "cent", "cents"), "EUR": ("euro", "euros", "cent", "cents"),
        "GBP": ("pound", "pounds", "penny", "pence"), "INR": ("rupee", "rupees", "paisa", "paise"),
        "CNY": ("yuan", "yuan", "", ""), "JPY": ("yen", "yen", "", ""),
    },
    "de": {
        "USD": ("Dollar", "Dollar", "", ""), "EUR": ("Euro", "Euro", "", ""),
        "GBP": ("Pfund", "Pfund", "", ""), "INR": ("Rupie", "Rupien", "", ""),
        "CHF": ("Franken", "Franken", "", ""), "JPY": ("Yen", "Yen", "", ""),
    },
    "es": {
        "USD": ("dólar", "dólares", "centavo", "centavos"), "EUR": ("euro", "euros", "céntimo", "céntimos"),
        "GBP": ("libra", "libras", "penique", "peniques"), "INR": ("rupia", "rupias", "paisa", "paisas"),
        "MXN": ("peso", "pesos", "centavo", "centavos"), "JPY": ("yen", "yenes", "", ""),
    },
    "fr": {
        "USD": ("dollar", "dollars", "", ""), "EUR": ("euro", "euros", "", ""),
        "GBP": ("livre", "livres", "", ""), "INR": ("roupie", "roupies", "", ""),
        "CHF": ("franc", "francs", "", ""), "JPY": ("yen", "yens", "", ""),
    },
    "hi": {
        "USD": ("डॉलर", "डॉलर", "सेंट", "सेंट"), "EUR": ("यूरो", "यूरो", "सेंट", "सेंट"),
        "GBP": ("पाउंड", "पाउंड", "पेंस", "पेंस"), "INR": ("रुपया", "रुपये", "पैसा", "पैसे"),
    },
    "zh": {
        "USD": ("美元", "美元", "", ""), "EUR": ("欧元", "欧元", "", ""), "GBP": ("英镑", "英镑", "", ""),
        "INR": ("卢比", "卢比", "", ""), "CNY": ("元", "元", "", ""), "JPY": ("日元", "日元", "", ""),
    },
}  # fmt: skip
"""Currency -> one, many, one and many of its hundredth; babel names the others."""

LARGE = {
    "en": ("thousand", "million", "billion", "trillion"),
    "de": ("Tausend", "Million", "Millionen", "Mio.", "Milliarde", "Milliarden", "Mrd.", "Billionen"),
    "es": ("mil", "millón", "millones", "mil millones", "billones"),
    "fr": ("mille", "million", "millions", "milliard", "milliards"),
    "hi": ("हज़ार", "हजार", "लाख", "करोड़", "अरब"),
    "zh": ("万亿", "千万", "百万", "万", "亿"),
}
"""Words for large numbers that may stand between an amount and its currency."""

_FEMININE = """
Stunde Minute Sekunde Meile Tonne Kilowattstunde Wattstunde Kalorie Kilokalorie Rupie Unze Millisekunde
hora milla tonelada libra onza caloría kilocaloría rupia pulgada yarda heure minute seconde tonne livre
once calorie kilocalorie roupie milliseconde
"""
FEMININE = frozenset(_FEMININE.split())
"""Nouns after which "one" is eine, una, une."""

UNITS = {
    "km/h": "speed-kilometer-per-hour", "kph": "speed-kilometer-per-hour", "m/s": "speed-meter-per-second",
    "mph": "speed-mile-per-hour", "°C": "temperature-celsius", "℃": "temperature-celsius",
    "°F": "temperature-fahrenheit", "kg": "mass-kilogram", "mg": "mass-milligram", "g": "mass-gram",
    "µg": "mass-microgram", "μg": "mass-microgram", "t": "mass-tonne", "lb": "mass-pound",
    "lbs": "mass-pound", "oz": "mass-ounce", "km": "length-kilometer", "m": "length-meter",
    "dm": "length-decimeter", "cm": "length-centimeter", "mm": "length-millimeter",
    "µm": "length-micrometer", "μm": "length-micrometer", "nm": "length-nanometer", "ft": "length-foot",
    "mi": "length-mile", "km²": "area-square-kilometer", "km2": "area-square-kilometer",
    "m²": "area-square-meter", "m2": "area-square-meter", "cm²": "area-square-centimeter",
    "cm2": "area-square-centimeter", "ha": "area-hectare", "m³": "volume-cubic-meter",
    "m3": "volume-cubic-meter", "cm³": "volume-cubic-centimeter", "cm3": "volume-cubic-centimeter",
    "l": "volume-liter", "L": "volume-liter", "ml": "volume-milliliter", "mL": "volume-milliliter",
    "h": "duration-hour", "min": "duration-minute", "s": "duration-second", "ms": "duration-millisecond",
    "W": "power-watt", "kW": "power-kilowatt", "MW": "power-megawatt", "kWh": "energy-kilowatt-hour",
    "J": "energy-joule", "kJ": "energy-kilojoule", "kcal": "energy-kilocalorie", "V": "electric-volt",
    "mA": "electric-milliampere", "A": "electric-ampere", "K": "temperature-kelvin", "mol": "concentr-mole",
    "m/s²": "acceleration-meter-per-square-second", "m/s2": "acceleration-meter-per-square-second",
    "m/s^2": "acceleration-meter-per-square-second", "cal": "energy-calorie", "lx": "light-lux",
    "µs": "duration-microsecond", "μs": "duration-microsecond", "ns": "duration-nanosecond",
    "kbit": "digital-kilobit", "Mbit": "digital-megabit", "Gbit": "digital-gigabit",
    "mbar": "pressure-millibar", "किमी": "length-kilometer", "मीटर": "length-meter",
    "सेमी": "length-centimeter",
    "किग्रा": "mass-kilogram", "ग्राम": "mass-gram", "Ω": "electric-ohm", "Hz": "frequency-hertz",
    "kHz": "frequency-kilohertz", "MHz": "frequency-megahertz", "GHz": "frequency-gigahertz",
    "kB": "digital-kilobyte", "KB": "digital-kilobyte", "MB": "digital-megabyte", "GB": "digital-gigabyte",
    "TB": "digital-terabyte", "Pa": "pressure-pascal", "kPa": "pressure-kilopascal",
    "hPa": "pressure-hectopascal", "bar": "pressure-bar", "N": "force-newton", "px": "graphics-pixel",
}  # fmt: skip
"""Symbol of a unit -> its name in CLDR."""

_RULERS = {
    "en": """
    Henry Edward George William James Charles Elizabeth Mary Richard Louis Philip Francis Frederick Alexander
    Nicholas Peter Catherine Ivan Pius Paul Benedict Leo Gregory Innocent Napoleon Ramesses Ptolemy Darius
    Otto Wilhelm Leopold Albert Gustav Christian Haakon Ferdinand Joseph Clement Urban John
    """,
    "de": """
    Heinrich Friedrich Wilhelm Ludwig Otto Karl Philipp Franz Elisabeth Katharina Leopold Joseph Maximilian
    Rudolf Konrad Georg Eduard Jakob Alexander Nikolaus Peter Iwan Pius Paul Benedikt Leo Gregor Innozenz
    Napoleon Ramses Ferdinand Johannes Albert August
    """,
    "fr": """
    Louis Henri Charles François Philippe Napoléon Édouard Jacques Élisabeth Guillaume Frédéric Pierre
    Catherine Alexandre Nicolas Pie Paul Benoît Léon Grégoire Innocent Georges Richard Jean Ferdinand
    """,
    "es": """
    Felipe Carlos Alfonso Fernando Luis Enrique Isabel Pedro Sancho Jaime Juan Napoleón Eduardo Jorge
    Guillermo Federico Catalina Alejandro Nicolás Pío Pablo Benedicto León Gregorio Inocencio Francisco
    """,
}
RULERS = {language: tuple(names.split()) for language, names in _RULERS.items()}
"""Names of rulers and popes: a Roman number after one is an ordinal."""
PARTS = {
    "en": ("Chapter", "Part", "Volume", "Act", "Scene", "Section", "Book", "War", "Type", "Phase", "Stage"),
    "de": (
        "Kapitel",
        "Teil",
        "Band",
        "Akt",
        "Szene",
        "Abschnitt",
        "Buch",
        "Weltkrieg",
        "Typ",
        "Phase",
        "Stufe",
    ),
    "fr": (
        "Chapitre",
        "chapitre",
        "Partie",
        "partie",
        "Tome",
        "tome",
        "Acte",
        "acte",
        "Type",
        "type",
        "Phase",
    ),
    "es": ("Capítulo", "capítulo", "Parte", "parte", "Tomo", "tomo", "Acto", "acto", "Tipo", "tipo", "Fase"),
}
"""Words after which a single letter I, V or X is a number."""

_ELEMENTS = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr
Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W
Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm
"""
ELEMENTS = frozenset(_ELEMENTS.split())
"""Chemical elements."""
