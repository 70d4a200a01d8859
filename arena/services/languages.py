"""The language of a prompt, by an identifier that also tells Latin scripts apart.

docs/prompt-languages.md says how it was chosen, and how often it is right.
"""

import re
from threading import Lock
from typing import TYPE_CHECKING, Final

from arena.domain.language import UNDETERMINED

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier as Model

LANGUAGES: Final = (
    *("af", "am", "ar", "az", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa"),
    *("fi", "fr", "gu", "he", "hi", "hr", "hu", "hy", "id", "it", "ja", "ka", "kk", "km", "kn"),
    *("ko", "lo", "lt", "lv", "ml", "mr", "my", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru"),
    *("si", "sk", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh"),
)
"""ISO 639-1 codes (`tl`: Filipino) among which is chosen. Of short texts a longer list would have
more that are nearly alike."""

_LEAST_PROBABILITY: Final = 0.5
_LEAST_LEAD: Final = 2.0
"""How many times as probable the first language must be as the second."""

_MOST_CHARACTERS: Final = 2000
"""About 2 ms; more tells no more."""

_NO_PROSE: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)


class LanguageIdentifier:
    """Tells the language of texts. Its model is loaded once, by whoever comes first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._model: Model | None = None

    def load(self) -> "Model":
        """Return the model; the first call takes about a second."""
        with self._lock:
            if self._model is None:
                self._model = _loaded()
            return self._model

    def language_of(self, text: str) -> str:
        """Return the ISO 639-1 code of a text's language, or `UNDETERMINED`.

        Code and addresses do not count. What is too short, or in one of two languages that are
        nearly alike, is not guessed.
        """
        prose = _NO_PROSE.sub(" ", text[: 5 * _MOST_CHARACTERS])[:_MOST_CHARACTERS]
        if not any(map(str.isalpha, prose)):
            return UNDETERMINED
        (language, probability), (_, second), *_ = self.load().rank(prose)
        sure = probability >= max(_LEAST_PROBABILITY, _LEAST_LEAD * second)
        return str(language) if sure else UNDETERMINED


def _loaded() -> "Model":
    # Imported here: most commands identify nothing.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(LANGUAGES)
    # Made anew of its parts: the first one keeps the other languages too, 30 MB.
    return LanguageIdentifier(
        whole.nb_ptc,
        whole.nb_pc,
        whole.nb_classes,
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )
