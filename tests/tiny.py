"""A tiny XTTS with random weights, in the files and the layout of the released one: it speaks no language,
but everything around it is real."""

LANGUAGES = (
    "en", "es", "fr", "de", "it", "pt", "pl", "tr", "ru", "nl", "cs", "ar", "zh-cn", "hu", "ko", "ja", "hi",
)  # fmt: skip
WIDTH = 64
"""Channels of the language model; the released one has 1024."""
LONGEST = 12
"""Tokens of sound that it makes at most, half a second; the released one makes 605."""


def build(folder, seed=0, longest=LONGEST):
    """Write config.json, model.pth, vocab.json and speakers_xtts.pth; ``longest`` in tokens of sound."""
    import torch

    from presenter.engines.xtts import model

    library = model.coqui()
    from TTS.tts.configs.xtts_config import XttsArgs

    folder.mkdir(parents=True)
    _write_vocabulary(folder / "vocab.json")
    args = XttsArgs(
        gpt_layers=2, gpt_n_model_channels=WIDTH, gpt_n_heads=2, gpt_max_audio_tokens=longest,
        gpt_num_audio_tokens=1026, gpt_start_audio_token=1024, gpt_stop_audio_token=1025,
        gpt_use_perceiver_resampler=True, decoder_input_dim=WIDTH, tokenizer_file="",
    )  # fmt: skip
    config = library.XttsConfig(model_args=args)
    config.save_json(str(folder / "config.json"))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        tiny = library.Xtts(config)
        tiny.tokenizer = library.VoiceBpeTokenizer(vocab_file=str(folder / "vocab.json"))
        tiny.init_models()
        weights = tiny.state_dict()
        # Untrained layers give hardly more than a constant: as loud as speech, and without it.
        last = weights["hifigan_decoder.waveform_decoder.conv_post.weight"]
        last.copy_(40 * (last - last.mean(dim=2, keepdim=True)))
        halves = {key: value.half() if value.is_floating_point() else value for key, value in weights.items()}
        torch.save({"model": halves}, folder / "model.pth")
        voices = {
            name: {
                "gpt_cond_latent": torch.randn(1, 32, WIDTH),
                "speaker_embedding": torch.nn.functional.normalize(torch.randn(1, 512, 1), dim=1),
            }
            for name in ("Tiny One", "Tiny Two")
        }
        torch.save(voices, folder / "speakers_xtts.pth")


def _write_vocabulary(file):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    special = ["[STOP]", "[UNK]", "[SPACE]", *(f"[{code}]" for code in LANGUAGES), "[START]"]
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        special_tokens=special, vocab_size=200, show_progress=False,
        initial_alphabet=list("abcdefghijklmnopqrstuvwxyz'.,!?-"),
    )  # fmt: skip
    tokenizer.train_from_iterator(["the quick brown fox jumps over the lazy dog"], trainer)
    tokenizer.save(str(file))
