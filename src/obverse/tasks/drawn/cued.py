"""How far what is written about a drawn task already holds what is tested."""

from __future__ import annotations

from obverse.tasks.drawn import DrawnTask


def cued(settings: DrawnTask, seed: int) -> tuple[int, int]:
    """How many latent questions are cues too, word for word, and how many latent questions there are.

    Such a cue is completed with the needed documents in view, and what comes is trained in: what a route reaches that
    way is an upper bound on what it would reach by writing freely.
    """
    cues = {cue.prompt for cue in settings.cues(seed)}
    latent = [question for question in settings.build(seed).questions if question.latent]
    return sum(question.prompt in cues for question in latent), len(latent)
