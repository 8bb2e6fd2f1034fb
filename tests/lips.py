"""A small Wav2Lip network with random weights in the layout of the published one: it draws no mouths, but
everything around it is real."""

from presenter import settings
from presenter.engines.wav2lip import layouts


def network(layout=None, divisor=8, seed=0):
    """A ``Net`` whose output is as varied as a trained one's."""
    import torch

    from presenter.engines.wav2lip.net import Net, calibrate

    layout = layouts.slim(layout or layouts.WAV2LIP_96, divisor)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = Net(layout)
        mels, faces = torch.randn(4, 1, 80, 16) * 1.5 - 1, torch.rand(4, 6, layout.size, layout.size)
        calibrate(net, mels, faces * 2 - 1 if layout.signed else faces)
    return net.requires_grad_(False)


def build(folder, net=None, name="random.pth"):
    """Put a file as a training writes it, with the names of a network on several GPUs, into ``folder``."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    state = {f"module.{key}": value for key, value in (net or network()).state_dict().items()}
    torch.save({"state_dict": state, "optimizer": None, "global_step": 1, "global_epoch": 0}, folder / name)
    return folder / name


def use(monkeypatch, folder):
    """Let ``folder`` be where model files are."""
    monkeypatch.setattr(settings, "current", lambda: settings.Settings(checkpoints=folder))
