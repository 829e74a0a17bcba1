"""Keys of earlier versions: each is refused with the name that it has now."""

from sim.config.source_map import Path

_TURNED = "; its sign has turned with its meaning: write -2 for 2"

_NOW = {
    "continuation": "terminal_period",
    "behaviour.need": "behaviour.purchase_occasion",
    "behaviour.distribution": "behaviour.direct_selling",
    "behaviour.experience.gate": "behaviour.experience.satisfaction_threshold",
    "behaviour.dropout.tilt": "behaviour.dropout.satisfaction_effect",
    "behaviour.touch.wake_leave": "behaviour.touch.inert_dropout",
    "behaviour.talk.wake_on_hearing": "behaviour.talk.trigger",
    "behaviour.referral.caution": "behaviour.referral.acceptance_intercept" + _TURNED,
    "behaviour.referral.honour": "behaviour.referral.status_reward",
    "behaviour.referral.wake": "behaviour.referral.trigger",
    "behaviour.referral.bad_tie": "behaviour.referral.failed_tie_loss",
    "behaviour.referral.bad_trust": "behaviour.referral.failed_trust_loss",
    "behaviour.referral.bad_delight": "behaviour.referral.failed_delight_loss",
    "behaviour.direct_selling.reluctance": "behaviour.direct_selling.join_intercept" + _TURNED,
    "behaviour.direct_selling.hope": "behaviour.direct_selling.expected_advancement",
    "behaviour.direct_selling.strain": "behaviour.direct_selling.tie_erosion",
    "behaviour.direct_selling.wake": "behaviour.direct_selling.trigger",
    "behaviour.direct_selling.giving_up": "behaviour.direct_selling.quit_intercept",
}
_STRATEGIES = {"agency": "agent_recruitment"}


def renamed(path: Path) -> str:
    """Say what a key that is unknown is called now; empty if it never was one.

    Parameters
    ----------
    path
        The key, and those that lead to it; where a study sets it, `market` or an arm comes before.
    """
    parts = [str(part) for part in path]
    if len(parts) > 1 and parts[-2] == "strategies" and parts[-1] in _STRATEGIES:
        return f"is now called {_STRATEGIES[parts[-1]]!r}"
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            if now := _NOW.get(_current(".".join(parts[start:end]))):
                name, _, more = now.partition(";")
                rest = "".join(f".{part}" for part in parts[end:])
                return f"is now called {name + rest!r}" + (f";{more}" if more else "")
    return ""


def _current(dotted: str) -> str:
    """Return a path in which the groups above the last key have their names of now."""
    above, dot, last = dotted.rpartition(".")
    return _NOW.get(above, above) + dot + last
