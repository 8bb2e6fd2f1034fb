"""The label is there in every language, and short."""

import pytest

from presenter import provenance


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "hi", "zh", "ja", "pt", "it", "ar", "ru"])
def test_each_language_has_its_own_label(language):
    full, corner = provenance.label_full(language), provenance.label_corner(language)
    assert full
    assert len(full) <= 80
    assert len(corner) <= 26
    if language != "en":
        assert full != provenance.label_full("en")


def test_regions_and_chinese_languages_are_understood():
    assert provenance.label_full("pt-BR") == provenance.label_full("pt")
    assert provenance.label_full("cmn") == provenance.label_full("zh-CN") == provenance.label_full("yue")


def test_other_languages_get_english():
    assert provenance.label_full("sw") == provenance.label_full("en")
    assert provenance.label_corner("") == "AI-generated"
