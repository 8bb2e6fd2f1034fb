"""Training: a network of the Wav2Lip family learns one person's mouth from their own footage.

The way to a model without strings: it is made of nothing but clips whose people agreed. Modules: ``consents``
(who may be learnt from), ``footage`` (clips to faces and sounds), ``sync`` (the expert), ``lips`` (the
steps), ``score`` (what was held out), ``work`` (the training's folder), ``course`` (all of it in order).
"""

from presenter.training.course import Outcome, train
from presenter.training.work import Plan, resume

__all__ = ["Outcome", "Plan", "resume", "train"]
