"""Formulas in the LaTeX that people write on slides, read into a small tree that the slide template draws.

A node is a list: ``["symbol", "x"]`` (one character, slanted and spaced by its class),
``["text", "if"]`` (upright words), ``["row", nodes]``, ``["fraction", above, below]``,
``["root", node, index or None]``, ``["scripts", base, below or None, above or None]``,
``["operator", "lim", limits?]``, ``["fence", open, node, close]``, ``["accent", node, mark]``,
``["face", node, name]``, ``["primes", count]``, ``["space", em]``, ``["grid", rows, open, close, align]``.

What is not known is shown as it was written; nothing here raises for an author's formula.
"""

from __future__ import annotations

import re
from typing import Any

Node = list[Any]

MAX_DEPTH = 12
"""Braces inside braces beyond this are shown as text."""

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&]|\s+|.", re.S)

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ",
    "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ",
    "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

_SIGNS = {
    "cdot": "⋅", "times": "×", "div": "÷", "pm": "±", "mp": "∓", "ast": "∗", "star": "⋆", "circ": "∘",
    "bullet": "∙", "oplus": "⊕", "otimes": "⊗", "odot": "⊙", "wedge": "∧", "land": "∧", "vee": "∨",
    "lor": "∨", "neg": "¬", "lnot": "¬", "cap": "∩", "cup": "∪", "setminus": "∖", "le": "≤", "leq": "≤",
    "leqslant": "⩽", "ge": "≥", "geq": "≥", "geqslant": "⩾", "ll": "≪", "gg": "≫", "ne": "≠", "neq": "≠",
    "equiv": "≡", "approx": "≈", "sim": "∼", "simeq": "≃", "cong": "≅", "propto": "∝", "in": "∈",
    "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "mid": "∣",
    "parallel": "∥", "perp": "⊥", "to": "→", "rightarrow": "→", "longrightarrow": "⟶", "gets": "←",
    "leftarrow": "←", "longleftarrow": "⟵", "leftrightarrow": "↔", "Rightarrow": "⇒", "implies": "⟹",
    "Longrightarrow": "⟹", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "iff": "⟺", "mapsto": "↦",
    "rightleftharpoons": "⇌", "uparrow": "↑", "downarrow": "↓", "nearrow": "↗", "searrow": "↘",
    "infty": "∞", "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃", "nexists": "∄",
    "emptyset": "∅", "varnothing": "∅", "angle": "∠", "triangle": "△", "square": "□", "degree": "°",
    "prime": "′", "hbar": "ℏ", "ell": "ℓ", "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "dots": "…", "ldots": "…",
    "cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "therefore": "∴", "because": "∵", "checkmark": "✓",
    "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "vert": "|",
    "Vert": "‖", "|": "‖", "lbrace": "{", "rbrace": "}", "{": "{", "}": "}", "%": "%", "$": "$", "#": "#",
    "&": "&", "_": "_", "backslash": "\\", "colon": ":", "sum": "∑", "prod": "∏", "coprod": "∐",
    "int": "∫", "iint": "∬", "iiint": "∭", "oint": "∮", "bigcup": "⋃", "bigcap": "⋂", "dagger": "†",
    "vdash": "⊢", "models": "⊨", "top": "⊤", "bot": "⊥", "imath": "ı", "jmath": "ȷ",
}  # fmt: skip

_OPERATORS = {
    "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "arcsin", "arccos", "arctan",
    "exp", "ln", "log", "lg", "det", "dim", "ker", "deg", "arg", "gcd", "hom", "Pr",
}  # fmt: skip
_OPERATORS_WITH_LIMITS = {"lim", "max", "min", "sup", "inf", "argmax", "argmin", "limsup", "liminf"}

_ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "macron", "overline": "overline", "underline": "underline",
    "tilde": "tilde", "widetilde": "tilde", "vec": "arrow", "overrightarrow": "arrow", "dot": "dot",
    "ddot": "diaer", "acute": "acute", "grave": "grave", "check": "caron", "breve": "breve",
}  # fmt: skip

_FACES = {
    "mathbf": "bold", "boldsymbol": "bold", "bm": "bold", "mathbb": "bb", "mathcal": "cal",
    "mathscr": "cal", "mathfrak": "frak", "mathrm": "upright", "mathit": "italic", "mathsf": "sans",
    "mathtt": "mono",
}  # fmt: skip

_WORDS = {"text", "textrm", "textbf", "textit", "textsf", "mbox", "operatorname", "operatorname*"}
_SPACES = {",": 0.17, ":": 0.22, ";": 0.28, "!": -0.17, " ": 0.25, "quad": 1.0, "qquad": 2.0, "enspace": 0.5}
_SILENT = {
    "limits", "nolimits", "displaystyle", "textstyle", "scriptstyle", "big", "Big", "bigg", "Bigg", "bigl",
    "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "nonumber", "notag",
}  # fmt: skip
_GRIDS = {
    "matrix": ("", "", "center"), "pmatrix": ("(", ")", "center"), "bmatrix": ("[", "]", "center"),
    "Bmatrix": ("{", "}", "center"), "vmatrix": ("|", "|", "center"), "Vmatrix": ("‖", "‖", "center"),
    "cases": ("{", "", "left"), "aligned": ("", "", "align"), "align": ("", "", "align"),
    "align*": ("", "", "align"), "split": ("", "", "align"), "gathered": ("", "", "center"),
    "array": ("", "", "center"), "equation": ("", "", "center"), "equation*": ("", "", "center"),
}  # fmt: skip
_ARROWS = (("<=>", "⇌"), ("<->", "↔"), ("->", "→"), ("<-", "←"), ("=>", "⇒"))


def read(source: str) -> Node:
    """The tree of a formula, written without its dollar signs."""
    reader = _Reader(_TOKEN.findall(source))
    nodes: list[Node] = []
    while reader.more():
        nodes.append(reader.row())
        if reader.more():  # a brace, cell or row end too many: shown, not fatal
            nodes.append(["text", reader.next()])
    return _row(nodes)


def _row(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else ["row", nodes]


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def more(self) -> bool:
        return self.at < len(self.tokens)

    def peek(self) -> str:
        return self.tokens[self.at] if self.more() else ""

    def next(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def skip_spaces(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def row(self) -> Node:
        """Everything up to the end, or to a token that ends a group, a cell or a line."""
        nodes: list[Node] = []
        while self.more() and self.peek() not in ("}", "&", "\\\\", "\\right", "\\end"):
            if self.peek().isspace():
                self.next()
            elif self.peek() in ("^", "_", "'"):
                nodes.append(self.scripts(["text", ""] if not nodes else nodes.pop()))
            else:
                nodes.append(self.atom())
        return _row(nodes)

    def scripts(self, base: Node) -> Node:
        below: Node | None = None
        above: Node | None = None
        primes = 0
        while self.peek() in ("^", "_", "'"):
            mark = self.next()
            if mark == "'":
                primes += 1
                continue
            script = self.argument()
            if mark == "^":
                above = script if above is None else ["row", [above, script]]
            else:
                below = script if below is None else ["row", [below, script]]
        if primes:
            prime: Node = ["primes", primes]
            above = prime if above is None else ["row", [prime, above]]
        return ["scripts", base, below, above]

    def argument(self) -> Node:
        """A group in braces or a single atom."""
        self.skip_spaces()
        if not self.more() or self.peek() in ("}", "&", "\\\\", "\\right", "\\end", "^", "_"):
            return ["text", ""]
        return self.atom()

    def atom(self) -> Node:
        token = self.next()
        if token == "{":
            return self.group()
        if token.startswith("\\"):
            return self.command(token[1:])
        return _character(token)

    def group(self) -> Node:
        if self.depth >= MAX_DEPTH:
            return ["text", "{" + self.raw()]
        self.depth += 1
        inside = self.row()
        while self.more() and self.peek() in ("&", "\\\\", "\\right", "\\end"):
            token = self.next()
            inside = ["row", [inside, ["text", token], self.row()]]
        self.depth -= 1
        if self.peek() == "}":
            self.next()
        return inside

    def raw(self) -> str:
        """The text up to the brace that closes the group which was opened just now."""
        depth, parts = 1, []
        while self.more():
            token = self.next()
            depth += {"{": 1, "}": -1}.get(token, 0)
            if depth == 0:
                break
            parts.append(token)
        return "".join(parts)

    def words(self) -> str:
        """A text argument, taken as it is."""
        self.skip_spaces()
        return self.raw() if self.more() and self.next() == "{" else self.tokens[self.at - 1]

    def command(self, name: str) -> Node:
        if name in _GREEK or name in _SIGNS:
            return ["symbol", _GREEK.get(name) or _SIGNS[name]]
        if name in _SPACES:
            return ["space", _SPACES[name]]
        if name in _SILENT:
            return ["text", ""]
        if name in _OPERATORS or name in _OPERATORS_WITH_LIMITS:
            return ["operator", name, name in _OPERATORS_WITH_LIMITS]
        if name in _WORDS:
            words = self.words()
            return ["operator", words, name.endswith("*")] if name.startswith("operator") else ["text", words]
        if name == "ce":
            return chemistry(self.words())
        if self.depth >= MAX_DEPTH:
            return ["text", f"\\{name}"]
        self.depth += 1
        node = self.structure(name)
        self.depth -= 1
        return node

    def structure(self, name: str) -> Node:
        """A command that takes arguments."""
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return ["fraction", self.argument(), self.argument()]
        if name == "binom":
            return ["grid", [[self.argument()], [self.argument()]], "(", ")", "center"]
        if name == "sqrt":
            index = self.option()
            return ["root", self.argument(), index]
        if name in _ACCENTS:
            return ["accent", self.argument(), _ACCENTS[name]]
        if name in _FACES:
            return ["face", self.argument(), _FACES[name]]
        if name == "left":
            return self.fence()
        if name == "begin":
            return self.grid()
        if name == "not":
            return ["row", [["symbol", "¬"], self.argument()]]
        return ["text", f"\\{name}"]

    def option(self) -> Node | None:
        """An argument in square brackets, or None."""
        self.skip_spaces()
        if self.peek() != "[" or "]" not in self.tokens[self.at :]:
            return None
        end = self.tokens.index("]", self.at)
        inside = read("".join(self.tokens[self.at + 1 : end])) if self.depth < MAX_DEPTH else None
        self.at = end + 1
        return inside

    def delimiter(self) -> str:
        self.skip_spaces()
        token = self.next()
        if token.startswith("\\"):
            return _SIGNS.get(token[1:], "")
        return "" if token == "." else token

    def fence(self) -> Node:
        opening = self.delimiter()
        inside = self.row()
        closing = ""
        if self.peek() == "\\right":
            self.next()
            closing = self.delimiter()
        return ["fence", opening, inside, closing]

    def grid(self) -> Node:
        name = self.words()
        opening, closing, align = _GRIDS.get(name, ("", "", "center"))
        if name == "array":
            self.skip_spaces()
            if self.peek() == "{":
                self.words()  # columns' alignment
        rows: list[list[Node]] = [[]]
        while self.more():
            rows[-1].append(self.row())
            token = self.next()
            if token == "\\\\":
                rows.append([])
            elif token == "\\end":
                self.words()
                break
            elif token != "&":
                rows[-1].append(["text", token])
        return ["grid", [row for row in rows if row and row != [["row", []]]], opening, closing, align]


def _character(token: str) -> Node:
    if token.isdigit() or token == ".":
        return ["text", token]
    # A hyphen and an asterisk are a minus and a times sign in a formula.
    token = {"-": "−", "*": "∗", "~": "\u00a0"}.get(token, token)
    return ["symbol", token] if token.isprintable() else ["text", ""]


_CHEMICAL = re.compile(
    r"(?P<arrow><=>|<->|->|<-|=>)|(?P<charge>\^\{[^}]*\}|\^[0-9]*[+-]?|(?<=[A-Za-z\d)\]])[+-](?=\s|$|\)|\]))"
    r"|(?P<sub>_\{[^}]*\}|_\d+|(?<=[A-Za-z)\]])\d+)|(?P<text>[A-Za-z]+)|(?P<other>.)",
    re.S,
)


def chemistry(source: str) -> Node:
    """A chemical formula or equation as in mhchem's plain cases: ``2H2O -> 2H2 + O2``, ``SO4^2-``."""
    nodes: list[Node] = []
    for match in _CHEMICAL.finditer(source):
        kind, value = match.lastgroup, match[0]
        if kind == "arrow":
            nodes.append(["symbol", dict(_ARROWS)[value]])
        elif kind in ("charge", "sub"):
            base: Node = nodes.pop() if nodes else ["text", ""]
            below, above = (base[2], base[3]) if base[0] == "scripts" else (None, None)
            base = base[1] if base[0] == "scripts" else base
            script: Node = ["text", value.lstrip("^_").strip("{}").replace("-", "−")]
            nodes.append(
                ["scripts", base, below, script] if kind == "charge" else ["scripts", base, script, above]
            )
        elif kind == "text":
            nodes.append(["text", value])
        elif value.isspace():
            nodes.append(["space", 0.2])
        else:
            nodes.append(_character(value))
    return _row(nodes)
