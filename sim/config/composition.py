"""Groups of parameters put together from what the market and several mechanisms declare."""

from collections.abc import Iterable, Iterator, Mapping
from types import new_class
from typing import Any

from sim.config.parameters import Param, Parameters
from sim.config.source_map import Path
from sim.plugins import ClashError

_TAKEN = {
    *("choice_log_outside", "network_complete", "network_mean_degree", "network_strength"),
    "network_contact_strength",
}
"""Names in rules of what is not declared as a parameter (`sim.people.population.rules_record`)."""
Groups = Mapping[str, tuple[type[Parameters], str]]
"""By name of a group: its parameters, and what they are about."""


def composed(
    core: Groups, further: Iterable[Mapping[str, type[Parameters]]], module: str
) -> Groups:
    """Return all groups: what the core declares of each, and then what is declared further.

    Parameters
    ----------
    core
        The groups of the core.
    further
        Parameters by the group in which they stand. What a group of its own is about, the first
        line of its docstring says.
    module
        In which the classes that are put together are to be found, under their names.

    Raises
    ------
    ClashError
        If two declare one parameter of a group.
    """
    parts = {name: [rules] for name, (rules, _) in core.items()}
    for declared in further:
        for name, rules in declared.items():
            parts.setdefault(name, []).append(rules)
    return {
        name: (_joined(name, rules, module), core[name][1] if name in core else _about(rules[0]))
        for name, rules in parts.items()
    }


def _about(rules: type[Parameters]) -> str:
    line = (rules.__doc__ or "").strip().split("\n")[0].removesuffix(".")
    return line[:1].lower() + line[1:]


def _joined(group: str, parts: list[type[Parameters]], module: str) -> type[Parameters]:
    if len(parts) == 1:
        return parts[0]
    owners: dict[str, str] = {}
    for part in parts:
        for name in part.model_fields:
            if name in owners:
                raise ClashError(f"behaviour.{group}", owners[name], part.__module__, name)
            owners[name] = part.__module__

    def remarks(self: Any) -> Iterator[tuple[Path, str]]:
        for part in parts:
            yield from part.remarks(self)

    name = f"{group.title().replace('_', '')}Behaviour"
    space = {"__module__": module, "__doc__": parts[0].__doc__, "remarks": remarks}
    # the first base comes last among the fields
    return new_class(name, tuple(reversed(parts)), exec_body=lambda made: made.update(space))


def together(name: str, doc: str, groups: Groups, module: str) -> type[Parameters]:
    """Return a class, by its name, docstring and module, with a field for each group.

    Raises
    ------
    ClashError
        If two parameters have one name in rules, where `group.name` is `group_name`.
    """
    found: dict[str, str] = {}
    for group, (rules, _) in groups.items():
        for parameter in rules.model_fields:
            path, flat = f"{group}.{parameter}", f"{group}_{parameter}"
            if flat in found or flat in _TAKEN:
                raise ClashError("behaviour, in rules", found.get(flat, "the core"), path, flat)
            found[flat] = path
    space: dict[str, Any] = {"__module__": module, "__doc__": doc}
    space["__annotations__"] = {group: rules for group, (rules, _) in groups.items()}
    space |= {group: Param(rules(), doc=what) for group, (rules, what) in groups.items()}
    return new_class(name, (Parameters,), exec_body=lambda made: made.update(space))
