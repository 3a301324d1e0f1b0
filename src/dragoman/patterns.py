"""Attention patterns: rules that say whether a query position may look at a key position.

One rule is the dense mask of the tests, the block mask of a GPU kernel, the window of the engine's
cache and the picture on the page. A rule works on NumPy arrays and torch tensors alike; being frozen
data, it goes into config.json and across to C++. `True` means *may look*, everywhere.
"""

from dataclasses import dataclass
from typing import Any

from dragoman.errors import ConfigError, suggestion


@dataclass(frozen=True, slots=True)
class Full:
    """Every position looks at every other."""

    def may_look(self, query: Any, key: Any) -> Any:
        """Return True for every pair of positions."""
        return query - key == query - key


@dataclass(frozen=True, slots=True)
class Causal:
    """A position looks at itself and at what came before (Vaswani et al. 2017, section 3.2.3)."""

    def may_look(self, query: Any, key: Any) -> Any:
        """Return True where the key is not after the query."""
        return key <= query


Pattern = Full | Causal
PATTERNS: dict[str, type[Full] | type[Causal]] = {"full": Full, "causal": Causal}


def pattern(name: str) -> Pattern:
    """Return the pattern of a name in config.json; raises ConfigError for one that is not known."""
    if name not in PATTERNS:
        raise ConfigError(f"no attention pattern {name!r}{suggestion(name, PATTERNS)}")
    return PATTERNS[name]()


def dense(rule: Pattern, query_L: Any, key_K: Any) -> Any:
    """Spell a rule out as a boolean table [L, K], True where query position L may look at key position K."""
    return rule.may_look(query_L[:, None], key_K[None, :])
